"""Settings as editors, containers and copies of other systems leave them.

Byte order marks, CR LF, empty variables, addresses with a port, time zones that this machine does
not know, and control characters: each is read as it was meant, or refused with its remedy.
"""

import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from unsit.assembly.broker import broker_of, read_unit_password
from unsit.errors import SettingsError
from unsit.settings.edit import load_text
from unsit.settings.file import buzzer_settings, environment
from unsit.settings.load import known_keys, load
from unsit.settings.model import MqttSettings, Settings
from unsit.setup.install import text_of
from unsit.setup.questions import Draft

MARK = "\ufeff"

WINDOWS = {
    "a byte order mark": lambda text: f"{MARK}{text}".encode(),
    "CR LF": lambda text: text.replace("\n", "\r\n").encode(),
    "both": lambda text: f"{MARK}{text}".replace("\n", "\r\n").encode(),
    "a carriage return at the end of a line": lambda text: text.replace("\n", "\r").encode(),
}
"""Texts as editors save them."""

OTHER_ENCODINGS = {
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 of the other byte order": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "windows-1252": lambda text: text.encode("cp1252"),
}

Saved = Callable[[str], bytes]

saved_by_windows = pytest.mark.parametrize("saved", WINDOWS.values(), ids=WINDOWS)
saved_in_another_encoding = pytest.mark.parametrize(
    "saved", OTHER_ENCODINGS.values(), ids=OTHER_ENCODINGS
)

SETTINGS = '# Büro\n[sitting]\nmove_after = "45m"\n[buzzer]\npin = 5\n'
EXERCISES = '[exercises.rise]\nname = "Zehenstand für alle"\nsteps = ["Rise."]\nhold = "20s"\n'
PASSWORD = "Pässwort 1"  # noqa: S105  # not of a real broker


@saved_by_windows
def test_every_file_is_read_as_if_it_had_been_saved_here(tmp_path: Path, saved: Saved) -> None:
    file = tmp_path / "unsit.toml"
    file.write_bytes(saved(SETTINGS))
    exercises = tmp_path / "own.toml"
    exercises.write_bytes(saved(EXERCISES))
    secret = tmp_path / "secret"
    secret.write_bytes(saved(f"{PASSWORD}\n"))

    loaded = load(str(file), [f"exercises.file={exercises}"])

    assert loaded.settings.sitting.move_after.total_seconds() == 45 * 60
    assert loaded.programme.exercises[0].name == "Zehenstand für alle"
    assert buzzer_settings(str(file), (), pytest.fail).pin == 5
    broker = broker_of(MqttSettings(username="chair", password_file=str(secret)))
    assert broker is not None
    assert broker.password == PASSWORD


@saved_by_windows
def test_the_service_and_the_check_read_the_same_password_from_a_credential(
    tmp_path: Path, saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = tmp_path / "mqtt-password"
    credential.write_bytes(saved(f"{PASSWORD}\n"))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    broker = broker_of(MqttSettings(username="chair"))

    assert broker is not None
    assert (broker.password, read_unit_password(credential)) == (PASSWORD, PASSWORD)


@saved_by_windows
def test_setup_changes_such_a_file(tmp_path: Path, saved: Saved) -> None:
    file = tmp_path / "unsit.toml"
    file.write_bytes(saved(SETTINGS))
    draft = Draft(load(str(file)).settings)
    draft.answer(seat__pin=22)

    before, after = text_of(draft, file)

    assert (before, load_text(after).settings.seat.pin) == (SETTINGS, 22)


@saved_in_another_encoding
def test_a_file_in_another_encoding_is_refused_by_its_name(tmp_path: Path, saved: Saved) -> None:
    file = tmp_path / "unsit.toml"
    file.write_bytes(saved(SETTINGS))
    secret = tmp_path / "secret"
    secret.write_bytes(saved(PASSWORD))

    with pytest.raises(SettingsError, match=rf"^{file}: not UTF-8 text.*; expected TOML$"):
        load(str(file))
    with pytest.raises(SettingsError, match=r"secret': cannot be read: it is not UTF-8") as refused:
        broker_of(MqttSettings(username="chair", password_file=str(secret)))
    assert "sswort" not in str(refused.value)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["[seat]\npin = 5\n", SETTINGS])
def test_utf_16_is_called_by_its_name_with_a_mark_and_without(
    tmp_path: Path, codec: str, text: str
) -> None:
    file = tmp_path / "unsit.toml"
    file.write_bytes(text.encode(codec))

    with pytest.raises(SettingsError, match=r"not UTF-8 text but UTF-16, .*; save it as UTF-8"):
        load(str(file))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_of_an_umlaut_of_another_encoding_is_named(tmp_path: Path, end: str) -> None:
    file = tmp_path / "unsit.toml"
    file.write_bytes(end.join(["[chair]", "# a comment", "name = 'Büro'"]).encode("latin-1"))

    with pytest.raises(SettingsError, match="not UTF-8 text in line 3; save it as UTF-8"):
        load(str(file))


@pytest.mark.parametrize("host", ['"broker.lan"', "'broker.lan'", 'broker"'])
def test_quotation_marks_of_a_variable_are_no_part_of_a_host(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """A file of variables for a container keeps them, other than one for systemd."""
    monkeypatch.setenv("UNSIT_MQTT__HOST", host)

    with pytest.raises(SettingsError, match="leave the quotation marks out"):
        load()


@pytest.mark.parametrize("written", ["00:30:00", "2026-01-05", "true"])
def test_a_value_of_toml_is_shown_as_the_file_has_it(tmp_path: Path, written: str) -> None:
    file = tmp_path / "unsit.toml"
    file.write_text(f"[sitting]\nmove_after = {written}\n")

    with pytest.raises(SettingsError, match=f"sitting.move_after = {written}: "):
        load(str(file))


def test_a_password_with_zero_bytes_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"right\0\0\0\0horse")

    with pytest.raises(SettingsError, match="it has zero bytes; save it as UTF-8 text"):
        broker_of(MqttSettings(username="chair", password_file=str(secret)))


def test_a_variable_from_a_file_of_windows_is_read_without_its_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file of variables for a container is passed on line by line, marks included."""
    monkeypatch.setenv(f"{MARK}UNSIT_SITTING__MOVE_AFTER", "45m\r")
    monkeypatch.setenv("UNSIT_BUZZER__PIN", f"{MARK}5 \r")

    settings = load().settings

    assert settings.sitting.move_after.total_seconds() == 45 * 60
    assert settings.buzzer.pin == 5
    assert buzzer_settings(None, (), pytest.fail).pin == 5


def outcome(*flags: str) -> Settings | str:
    """Return the settings, or the reason of the refusal without the name of its source."""
    try:
        return load(flags=flags).settings
    except SettingsError as error:
        return str(error).partition(": ")[2]


@pytest.mark.parametrize("key", known_keys())
def test_an_empty_variable_is_what_an_empty_flag_is_a_value_or_an_error(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_flag = outcome(f"{key}=")
    monkeypatch.setenv(variable := f"UNSIT_{key.replace('.', '__').upper()}", "")

    assert outcome() == by_flag
    if isinstance(by_flag, Settings):
        assert load().origins == {key: variable}


def test_an_empty_variable_takes_away_what_the_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "unsit.toml"
    file.write_text('[hours]\nsaturday = "09:00-12:00"\n[mqtt]\nusername = "chair"\n')
    monkeypatch.setenv("UNSIT_HOURS__SATURDAY", "")
    monkeypatch.setenv("UNSIT_MQTT__USERNAME", "")

    settings = load(str(file)).settings

    assert (settings.hours.saturday, settings.mqtt.username) == ("", None)


def test_an_empty_name_of_the_settings_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="--config: empty; expected the name of a settings"):
        load("")
    monkeypatch.setenv("UNSIT_CONFIG", "")
    with pytest.raises(SettingsError, match="UNSIT_CONFIG: empty; expected the name of a setting"):
        load()


def test_an_empty_pin_of_the_buzzer_is_complained_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSIT_BUZZER__PIN", "")
    complaints: list[str] = []

    assert buzzer_settings(None, (), complaints.append).pin == 18
    assert complaints == ["buzzer.pin = '' is not valid; the default 18 is used"]


def test_a_name_in_upper_case_goes_before_the_same_one_in_lower_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("unsit_seat__pin", "5")
    monkeypatch.setenv("UNSIT_SEAT__PIN", "6")

    assert environment()["UNSIT_SEAT__PIN"] == "6"


@pytest.mark.parametrize(
    ("host", "remedy"),
    [
        ("broker.lan:1883", 'mqtt.host = "broker.lan", mqtt.port = 1883'),
        ("192.168.1.5:8883", 'mqtt.host = "192.168.1.5", mqtt.port = 8883'),
        ("[fe80::1]:1883", 'mqtt.host = "fe80::1", mqtt.port = 1883'),
        ("[::1]", 'mqtt.host = "::1"'),
        ("none:1883", 'mqtt.host = "none", mqtt.port = 1883'),
        ("broker.lan:", "the port belongs to mqtt.port"),
        (":1883", "the port belongs to mqtt.port"),
        ("broker.lan:mqtt", "the port belongs to mqtt.port"),
        ("[broker.lan]:1883", "the port belongs to mqtt.port"),
        ("mqtt://broker.lan:1883", "the rest of a URL belongs to mqtt.tls, mqtt.port"),
    ],
)
def test_a_host_with_a_port_is_refused_with_the_settings_to_write(host: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(flags=[f"mqtt.host={host}"])

    assert str(refused.value).startswith(f"--set mqtt.host: mqtt.host = {host!r}: expected only a")
    assert str(refused.value).endswith(remedy) or remedy in str(refused.value)


@pytest.mark.parametrize("host", ["::1", "fe80::1%eth0", "::ffff:192.0.2.1", "bücher.example"])
def test_an_address_of_ipv6_and_an_international_name_are_hosts(host: str) -> None:
    assert load(flags=[f"mqtt.host={host}"]).settings.mqtt.host == host


@pytest.fixture
def no_zones(tmp_path: Path) -> Iterator[Path]:
    """Yield the only folder of time zones, which is empty, as on a minimal image."""
    zoneinfo.ZoneInfo.clear_cache()
    zoneinfo.reset_tzpath([tmp_path])
    yield tmp_path
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def zone_refusal(name: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(flags=[f"hours.timezone={name}"])
    return str(refused.value)


def test_a_machine_without_time_zones_names_the_package(no_zones: Path) -> None:
    assert zone_refusal("Europe/Berlin") == (
        "--set hours.timezone: hours.timezone = 'Europe/Berlin': this machine has no data of time "
        "zones; sudo apt install tzdata"
    )


def test_a_former_name_of_a_time_zone_names_the_package_that_has_it(no_zones: Path) -> None:
    (no_zones / "Europe").mkdir()
    (no_zones / "Europe/Berlin").write_bytes(Path("/usr/share/zoneinfo/Europe/Berlin").read_bytes())

    assert load(flags=["hours.timezone=Europe/Berlin"])
    refused = zone_refusal("US/Pacific")
    assert "this machine knows no such time zone" in refused
    assert refused.endswith("sudo apt install tzdata-legacy")


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/localtime", "Europe/"])
def test_a_name_that_is_no_time_zone_is_refused_without_a_package(name: str) -> None:
    assert "apt" not in zone_refusal(name)


CONTROLS = ("\x1b[31m", "\n", "\r", "\x07", "\x00", "\x85", "\u2028", "\u202e", "\udcff")


@pytest.mark.parametrize(
    "key",
    [
        *("chair.name", "homeassistant.area", "mqtt.host", "mqtt.username", "mqtt.prefix"),
        *("mqtt.password_file", "homeassistant.birth_topic", "hold.topics", "exercises.without"),
        *("load_cell.calibration", "hours.monday", "seat.kind", "chair.language", "chair.id"),
    ],
)
def test_a_control_character_in_a_setting_is_refused_and_shown_as_an_escape(key: str) -> None:
    for control in CONTROLS:
        with pytest.raises(SettingsError) as refused:
            load(flags=[f"{key}=a{control}b"])

        assert str(refused.value).startswith(f"--set {key}: {key} = ")
        assert str(refused.value).isprintable()


def test_control_characters_of_a_file_and_of_the_environment_are_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "unsit.toml"
    file.write_text('[chair]\nname = "desk\\u001b[2J"\n')
    refusal = r"chair\.name = 'desk\\x1b\[2J': it has the control character U\+001B"
    with pytest.raises(SettingsError, match=refusal):
        load(str(file))

    monkeypatch.setenv("UNSIT_CHAIR__NAME", "desk\x1b[2J")
    with pytest.raises(SettingsError, match=refusal):
        load()


@pytest.mark.parametrize("name", ["Büro \u2013 oben", "👩‍💻 chair", "椅子", "a\u00a0b", "שולחן"])
def test_a_name_in_any_script_is_a_name(name: str) -> None:
    assert load(flags=[f"chair.name={name}"]).settings.chair.name == name


def test_a_list_may_be_written_in_several_lines(tmp_path: Path) -> None:
    file = tmp_path / "unsit.toml"
    file.write_text('[hold]\ntopics = """\n  teams/in-call,\n\toffice/calendar\n"""\n')

    assert load(str(file)).settings.hold.watched == ("teams/in-call", "office/calendar")


@pytest.mark.parametrize(
    "change",
    [
        ('"calf raise"', '"calf\\u001b[31m raise"'),
        ('"Rise."', '"Rise\\u0007."'),
        ('"20s"', '"20s"\nsource = "a\\u202Eb"'),
        ('"20s"', '"20s"\n[cues.chin]\ntext = "Chin\\u001b]0;x\\u0007"'),
    ],
    ids=["name", "step", "source", "cue"],
)
def test_a_control_character_in_an_exercise_is_refused(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    text = '[exercises.rise]\nname = "calf raise"\nsteps = ["Rise."]\nhold = "20s"\n'
    file = tmp_path / "own.toml"
    file.write_text(text.replace(*change))

    with pytest.raises(SettingsError, match=r"it has the control character U\+") as refused:
        load(flags=[f"exercises.file={file}"])
    assert str(refused.value).isprintable()


def test_a_step_of_an_exercise_may_be_written_in_several_lines(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        '[exercises.rise]\nname = "rise"\nhold = "20s"\n'
        'steps = ["""\nRise on the toes,\r\n   slowly.\n"""]\n'
    )

    [rise, *_] = load(flags=[f"exercises.file={file}"]).programme.exercises

    assert rise.steps == ("Rise on the toes, slowly.",)
