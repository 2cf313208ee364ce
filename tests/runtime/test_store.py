"""Store of documents in the state file."""

import sqlite3
from pathlib import Path

import pytest

from unsit.errors import UnavailableError
from unsit.runtime.documents import Store
from unsit.runtime.state_file import StateFile


def test_a_document_is_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "a" / "state.sqlite"
    store = Store(StateFile(file))
    store.put("hold", {"reason": "asked", "until": None})
    store.close()

    again = Store(StateFile(file))
    assert again.get("hold") == {"reason": "asked", "until": None}
    again.close()


def test_the_last_document_of_a_name_stays_and_none_deletes_it() -> None:
    store = Store()
    store.put("hold", 1)
    store.put("hold", 2)
    assert store.get("hold") == 2

    store.put("hold", None)
    assert store.get("hold") is None
    store.close()


def test_a_document_that_was_never_written_is_none() -> None:
    store = Store()
    assert store.get("hold") is None
    store.close()


def test_a_damaged_document_raises_unavailable_error(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    StateFile(file).close()
    db = sqlite3.connect(file)
    db.execute("insert into documents values ('hold', '{not json')")
    db.commit()
    db.close()

    store = Store(StateFile(file))
    with pytest.raises(UnavailableError, match="hold cannot be read"):
        store.get("hold")
    store.close()
