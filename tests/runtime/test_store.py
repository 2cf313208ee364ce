"""Documents that outlive the process."""

import sqlite3
from pathlib import Path

import pytest

from unsit.errors import UnavailableError
from unsit.runtime.store import VERSION, Store


def test_a_document_is_there_after_a_restart(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "a" / "state.sqlite"))
    store.put("hold", {"reason": "asked", "until": None})
    store.close()

    again = Store(str(tmp_path / "a" / "state.sqlite"))
    assert again.get("hold") == {"reason": "asked", "until": None}
    again.close()


def test_the_last_document_of_a_name_is_kept_and_none_takes_it_away() -> None:
    store = Store()
    store.put("hold", 1)
    store.put("hold", 2)
    assert store.get("hold") == 2

    store.put("hold", None)
    assert store.get("hold") is None
    store.close()


def test_a_document_that_was_never_kept_is_none() -> None:
    store = Store()
    assert store.get("hold") is None
    store.close()


def test_a_file_that_is_no_store_is_refused_in_one_line(tmp_path: Path) -> None:
    content = b"this is no database" * 100
    file = tmp_path / "state.sqlite"
    file.write_bytes(content)

    with pytest.raises(UnavailableError, match=r"state\.sqlite: cannot be used") as refused:
        Store(str(file)).get("hold")

    assert "\n" not in str(refused.value)
    assert file.read_bytes() == content


def test_a_file_of_a_newer_unsit_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    db = sqlite3.connect(file)
    db.execute(f"pragma user_version = {VERSION + 1}")
    db.close()
    before = file.read_bytes()

    with pytest.raises(UnavailableError, match="written by a newer unsit"):
        Store(str(file))

    assert file.read_bytes() == before


def test_a_document_that_is_damaged_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    Store(str(file)).close()
    db = sqlite3.connect(file)
    db.execute("insert into documents values ('hold', '{not json')")
    db.commit()
    db.close()

    store = Store(str(file))
    with pytest.raises(UnavailableError, match="cannot be used"):
        store.get("hold")
    store.close()
