"""Power cuts at any byte: the service starts with all remains of the files."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from unsit.mqtt.outbox import Outbox
from unsit.runtime.documents import Store
from unsit.runtime.state_file import StateFile

pytestmark = pytest.mark.slow

PAGE = 4096
RECORDS = 120


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of a killed service: some records in the file, the rest in the journal."""
    lived, left = tmp_path_factory.mktemp("lived"), tmp_path_factory.mktemp("left")
    state = StateFile(lived / "state.sqlite")
    outbox, store = Outbox(state), Store(state)
    for seq in range(1, RECORDS + 1):
        with state.batch():
            outbox.put({"seq": seq, "type": "bout_started", "words": "x" * 200})
            store.put("chair", {"seq": seq, "words": "y" * 1500})
        if seq == RECORDS // 2:
            state.rows("pragma wal_checkpoint(passive)")
    for file in lived.iterdir():
        shutil.copy(file, left / file.name)
    state.close()
    return left


def starts(folder: Path) -> tuple[list[int], int | None]:
    """Open the files; return the waiting records and the event number of the chair."""
    state = StateFile(folder / "state.sqlite")
    assert state.trouble is None
    outbox, store = Outbox(state), Store(state)
    waiting = [record["seq"] for record in outbox.after(0, 1000)]
    chair = store.get("chair")
    outbox.put({"seq": outbox.last_seq + 1, "type": "bout_started"})
    state.close()
    again = StateFile(folder / "state.sqlite")
    assert Outbox(again).last_seq == outbox.last_seq
    again.close()
    return waiting, None if chair is None else chair["seq"]


def copied(killed: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(killed, target)
    return target


def test_nothing_is_lost_when_only_the_process_went(killed: Path, tmp_path: Path) -> None:
    waiting, chair = starts(copied(killed, tmp_path / "state"))
    assert waiting == list(range(1, RECORDS + 1))
    assert chair == RECORDS


@examples(150)
@given(share=st.floats(0, 1))
def test_a_journal_that_ends_anywhere_leaves_a_moment_as_it_was(
    killed: Path, tmp_path: Path, share: float
) -> None:
    """The chair and the events are of the same moment, and no earlier event is missing."""
    folder = copied(killed, tmp_path / "state")
    journal = (folder / "state.sqlite-wal").read_bytes()
    (folder / "state.sqlite-wal").write_bytes(journal[: int(share * len(journal))])

    waiting, chair = starts(folder)
    assert waiting == list(range(1, len(waiting) + 1))
    assert len(waiting) >= RECORDS // 2
    assert chair == len(waiting)


@examples(150)
@given(data=st.data())
def test_the_service_starts_with_any_page_torn(
    killed: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """A page of the file or of the journal is zeroed, half written, or the last one."""
    folder = copied(killed, tmp_path / "state")
    name = data.draw(st.sampled_from(["state.sqlite", "state.sqlite-wal"]))
    content = bytearray((folder / name).read_bytes())
    page = data.draw(st.integers(0, len(content) // PAGE - 1)) * PAGE
    offset = data.draw(st.integers(0, PAGE - 1))
    match data.draw(st.sampled_from(["zeroed", "half", "cut", "noise"])):
        case "zeroed":
            content[page : page + PAGE] = bytes(PAGE)
        case "half":
            content[page + offset : page + PAGE] = bytes(PAGE - offset)
        case "cut":
            del content[page + offset :]
        case _:
            content[page : page + PAGE] = data.draw(st.binary(min_size=PAGE, max_size=PAGE))
    (folder / name).write_bytes(content)

    waiting, _ = starts(folder)
    assert waiting == sorted(set(waiting))
    for aside in folder.glob("*.broken-*"):
        assert json.dumps(aside.name)


def test_records_before_and_after_a_page_that_a_card_has_lost_are_kept(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "state.sqlite")
    outbox = Outbox(state)
    for seq in range(1, RECORDS + 1):
        outbox.put({"seq": seq, "type": "bout_started", "words": "x" * 200})
    state.close()
    content = bytearray((tmp_path / "state.sqlite").read_bytes())
    page = content.index(b'"seq": 60,') // PAGE * PAGE
    content[page : page + PAGE] = bytes(PAGE)
    (tmp_path / "state.sqlite").write_bytes(content)
    waiting, _ = starts(tmp_path)
    lost = set(range(1, RECORDS + 1)) - set(waiting)
    assert 60 in lost
    assert len(lost) == max(lost) - min(lost) + 1 <= PAGE // 200
