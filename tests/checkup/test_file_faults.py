"""Files that the service's user may not use, although root, who checks, may: on real files."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from support.fixtures import NOBODY, missing
from support.live_chair import LiveChair
from support.planted_faults import faultless, finding_of, installed, with_path, write
from support.remedies import Cure, FakeSystemd, named, settings_in
from support.strict_broker import LOOPBACK, StrictBroker
from unsit.checkup.files import check_changes, check_files, check_storage
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.machine import Installation
from unsit.runtime.state_file import StateFile
from unsit.settings.load import load
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import ExercisesSettings, HistorySettings, MqttSettings, SeatSettings

UNIT = {
    "LoadState": "loaded",
    "User": "nobody",
    "DynamicUser": "no",
    "SupplementaryGroups": "video",
}

Chair = Callable[..., Installation]


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield a directory to which everybody can pass.

    It is not in pytest's own one, which each start of pytest closes to others.
    """
    if os.geteuid() != 0:
        missing("only root can see with the eyes of another user")
    with TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        (place / "etc").mkdir()
        (place / "state").mkdir()
        os.chown(place / "state", NOBODY, NOBODY)
        yield place


@pytest.fixture
def unit(place: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSystemd:
    monkeypatch.setenv("PATH", with_path(place / "programs"))
    return FakeSystemd(place, UNIT)


@pytest.fixture
def chair(place: Path, unit: FakeSystemd) -> Chair:
    """Return a function that makes a chair whose unit runs as nobody."""

    def make(file: Path | None = None, **sections: Any) -> Installation:
        made = installed(place / "state", place / "root", **sections)
        return Installation(made.settings, made.state, machine=made.machine, file=file)

    return make


def closed(file: Path, content: str = "secret\n", mode: int = 0o600) -> str:
    write(file, content).chmod(mode)
    return str(file)


def with_password(file: str) -> MqttSettings:
    return MqttSettings(host="broker", username="chair", password_file=file)


def secrets_of(place: Path) -> dict[str, MqttSettings]:
    file = str(place / "etc" / "a file")
    tls: dict[str, Any] = {"host": "broker", "tls": True, "tls_certificate_file": file}
    return {
        "mqtt.password_file": with_password(file),
        "mqtt.tls_certificate_file": MqttSettings(**tls),
        "mqtt.tls_key_file": MqttSettings(**tls, tls_key_file=file),
    }


@pytest.mark.parametrize(
    "key", ["mqtt.password_file", "mqtt.tls_certificate_file", "mqtt.tls_key_file"]
)
def test_a_secret_that_root_reads_and_the_service_does_not_is_named(
    cure: Cure, chair: Chair, place: Path, key: str
) -> None:
    file = closed(place / "etc" / "a file")
    mine = chair(mqtt=secrets_of(place)[key])

    finding = cure.by_command(Fault.SECRET_CLOSED, lambda: check_files(mine))

    assert finding.words == f"the service's user (nobody) may not read {file}"
    assert os.stat(file).st_mode & 0o777 == 0o640  # and still nobody else reads it


def test_a_closed_directory_on_the_way_to_a_secret_is_the_one_that_is_named(
    cure: Cure, chair: Chair, place: Path
) -> None:
    folder = place / "etc" / "private"
    closed(folder / "password", mode=0o644)
    folder.chmod(0o700)
    mine = chair(
        mqtt=MqttSettings(host="broker", username="chair", password_file=str(folder / "password"))
    )

    finding = cure.by_command(Fault.SECRET_CLOSED, lambda: check_files(mine))

    assert finding.fix == f"sudo chmod o+x {folder}"


@pytest.mark.parametrize("kind", ["settings", "exercises.file", "mqtt.tls_ca_file"])
def test_a_file_of_the_settings_that_the_service_may_not_read_is_named(
    cure: Cure, chair: Chair, place: Path, kind: str
) -> None:
    file = closed(place / "etc" / "file.toml", "")
    mine = {
        "settings": lambda: chair(Path(file)),
        "exercises.file": lambda: chair(exercises=ExercisesSettings(file=file)),
        "mqtt.tls_ca_file": lambda: chair(
            mqtt=MqttSettings(host="broker", tls=True, tls_ca_file=file)
        ),
    }[kind]()

    finding = cure.by_command(Fault.SETTINGS_CLOSED, lambda: check_files(mine))

    assert finding.subject == kind


def test_the_account_is_that_of_the_running_service(chair: Chair, place: Path) -> None:
    file = closed(place / "etc" / "password")
    os.chown(file, 0, 44)
    os.chmod(file, 0o640)
    mine = chair(mqtt=with_password(file))
    process = place / "root/proc/4713"
    write(process / "cmdline", "python3\0/opt/unsit/bin/unsit\0run\0")
    write(process / "status", f"Uid:\t0\t{NOBODY}\t0\t0\nGid:\t0\t{NOBODY}\t0\t0\nGroups:\t44 \n")
    (process / "fd").mkdir()
    (process / "fd/7").symlink_to(write(place / "state" / "state.sqlite", ""))

    faultless(check_files(mine))
    without_groups = f"Uid:\t0\t{NOBODY}\t0\t0\nGid:\t0\t{NOBODY}\t0\t0\nGroups:\t\nNStgid:\t7\n"
    write(process / "status", without_groups)
    del mine.__dict__["account"]
    finding_of(Fault.SECRET_CLOSED, check_files(mine))


def test_the_account_of_a_dynamic_user_is_the_owner_of_the_state(
    chair: Chair, unit: FakeSystemd, place: Path
) -> None:
    unit.plant(DynamicUser="yes", User="unsit")
    file = closed(place / "etc" / "password")
    mine = chair(mqtt=with_password(file))

    finding = finding_of(Fault.SECRET_CLOSED, check_files(mine))

    assert finding.fix == f"sudo chgrp video {file} && sudo chmod g+r {file}"


@pytest.mark.parametrize(
    ("property_", "file"),
    [
        ("ProtectHome=yes", "/home/pi/password"),
        ("ProtectHome=tmpfs", str(Path("~root").expanduser() / "password")),
        ("PrivateTmp=yes", "/var/tmp/password"),  # noqa: S108  # a place that is hidden
    ],
)
def test_a_file_that_the_unit_hides_is_named_although_it_can_be_read(
    cure: Cure, chair: Chair, unit: FakeSystemd, property_: str, file: str
) -> None:
    name, _, value = property_.partition("=")
    unit.plant(**{name: value})
    mine = chair(mqtt=with_password(file))

    finding = cure.by_settings(Fault.HIDDEN_FROM_UNIT, check_files, mine)

    assert finding.words == f"the unit hides {file} from the service ({property_})"
    assert str(finding.fix).startswith(f"sudo mv {file} /etc/unsit/password, and ")
    assert settings_in(str(finding.fix)) == {"mqtt.password_file": "/etc/unsit/password"}


@pytest.mark.parametrize("owner", ["the file", "the directory"])
def test_a_calibration_that_the_service_may_not_read_or_replace_is_named(
    cure: Cure, chair: Chair, place: Path, owner: str
) -> None:
    file = place / ("state/load_cells.json" if owner == "the file" else "etc/cells.json")
    closed(file, "{}", 0o600 if owner == "the file" else 0o644)
    chosen = None if owner == "the file" else str(file)
    cells = {"seat": SeatSettings(kind="load_cell")}
    chairs = [chair(load_cell=LoadCellSettings(calibration=chosen), **cells)]

    def leave_calibration_out() -> None:
        chairs.append(chair(load_cell=LoadCellSettings(), **cells))

    cure.by_command(
        Fault.CALIBRATION_CLOSED,
        lambda: check_files(chairs[-1]),
        then=leave_calibration_out if chosen else None,
    )


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", ".rest"])
def test_every_file_of_the_state_is_tried_as_the_service_s_user(
    cure: Cure, chair: Chair, place: Path, suffix: str
) -> None:
    file = place / "state" / "state.sqlite"
    opened = StateFile(file)
    for part in (file, *place.glob("state/*-*")):
        os.chown(part, NOBODY, NOBODY)
    part = Path(f"{file}{suffix}")
    if suffix == ".rest":
        write(part, "")
    part.chmod(0o600)
    os.chown(part, 0, 0)

    cure.by_command(Fault.STATE_FOREIGN, lambda: check_storage(chair()))

    opened.close()


def test_a_check_leaves_no_files_in_the_state_directory(chair: Chair, place: Path) -> None:
    StateFile(place / "state" / "state.sqlite").close()

    list(check_storage(chair()))

    assert [file.name for file in (place / "state").iterdir()] == ["state.sqlite"]


def test_a_place_of_the_history_that_the_unit_makes_read_only_is_named_until_it_does_not(
    cure: Cure, chair: Chair, unit: FakeSystemd, place: Path
) -> None:
    unit.plant(ProtectSystem="strict", ReadWritePaths="")
    folder = place / "usb"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    mine = chair(history=HistorySettings(path=str(folder / "history.sqlite")))

    finding = cure.by_command(Fault.HISTORY_CLOSED, lambda: check_storage(mine))

    assert f"write nothing in {folder} (ProtectSystem=strict)" in finding.words


def test_a_place_of_the_history_that_the_service_may_not_write_is_named_until_it_may(
    cure: Cure, chair: Chair, place: Path
) -> None:
    folder = place / "usb"
    folder.mkdir()
    mine = chair(history=HistorySettings(path=str(folder / "history.sqlite")))

    cure.by_hand(
        Fault.HISTORY_CLOSED,
        lambda: check_storage(mine),
        "let the service's user write the directory",
        lambda: os.chown(folder, NOBODY, NOBODY),
    )


def test_a_file_of_another_user_that_the_service_may_write_is_fine(
    chair: Chair, place: Path
) -> None:
    StateFile(place / "state" / "state.sqlite").close()
    (place / "state" / "state.sqlite").chmod(0o666)

    assert Fault.STATE_FOREIGN not in named(check_storage(chair()))


def test_a_link_among_the_files_of_state_is_named(cure: Cure, chair: Chair, place: Path) -> None:
    (place / "state" / "load_cells.json").symlink_to(write(place / "victim", "untouched"))

    finding = cure.by_command(Fault.STATE_PLANTED, lambda: check_storage(chair()))

    assert finding.words.endswith(f"is a link to {place / 'victim'}")
    assert (place / "victim").read_text() == "untouched"


def findings_of_changes(state: Path) -> list[Finding]:
    return list(check_changes(installed(state), load()))


@pytest.mark.parametrize(
    ("command", "payload", "key", "words"),
    [
        ("buzzer", b"OFF", "buzzer.enabled", "set false over MQTT, instead of true (default)"),
        ("move_after", b"24h", "sitting.move_after", "set 24h over MQTT, instead of 30m"),
        ("daily_limit", b"6h", "sitting.daily_limit", "set 6h over MQTT, instead of none"),
    ],
)
def test_a_setting_that_a_client_has_changed_is_named_with_its_reset(
    cure: Cure, tmp_path: Path, command: str, payload: bytes, key: str, words: str
) -> None:
    assert findings_of_changes(tmp_path) == []
    with StrictBroker() as broker:
        chair = LiveChair(tmp_path, mqtt={"host": LOOPBACK, "port": broker.port})
        broker.wait(lambda: broker.on("unsit/test-chair/availability"), "the chair is online")
        broker.send(f"unsit/test-chair/command/{command}", payload)
        chair.wait("setting_changed")
        chair.stop()

    finding = cure.by_command(Fault.CHANGED_BY_COMMAND, lambda: findings_of_changes(tmp_path))

    assert finding.subject == key
    assert words in finding.words
