"""Settings that are refused, each with an error of one line."""

import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from unsit.errors import SettingsError
from unsit.settings.load import known_keys, load
from unsit.settings.model import Settings

WriteToml = Callable[[str], str]


def complaint(config: str | None = None, *flags: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(config, flags)
    return str(refused.value)


def test_an_unknown_key_in_the_file_names_the_file_and_the_nearest_key(
    write_toml: WriteToml,
) -> None:
    file = write_toml("[sitting]\nmove_afer = 30")

    assert complaint(file) == (
        f"{file}: there is no setting sitting.move_afer; the nearest is sitting.move_after"
    )


def test_an_unknown_section_in_the_file_names_the_nearest_key(write_toml: WriteToml) -> None:
    file = write_toml('[sittings]\nmin_break = "2m"')

    assert complaint(file) == (
        f"{file}: there is no setting sittings.min_break; the nearest is sitting.min_break"
    )


@pytest.mark.parametrize("content", ["sitting = 3", "[[sitting]]\nmove_after = 30", "pin = 4"])
def test_a_key_that_is_not_in_a_section_is_refused(write_toml: WriteToml, content: str) -> None:
    assert "there is no setting" in complaint(write_toml(content))


def test_a_table_in_place_of_a_value_is_refused(write_toml: WriteToml) -> None:
    file = write_toml("[sitting.move_after]\nminutes = 30")

    assert "there is no setting sitting.move_after.minutes" in complaint(file)


def test_an_unknown_variable_names_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSIT_SITTING__MOVE_AFER", "30m")

    assert complaint() == (
        "UNSIT_SITTING__MOVE_AFER: there is no such setting; "
        "the nearest is UNSIT_SITTING__MOVE_AFTER"
    )


def test_an_unknown_variable_in_lower_case_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("unsit_sitting__move_afer", "30m")

    assert complaint().startswith("unsit_sitting__move_afer: there is no such setting")


def test_a_variable_without_its_section_names_the_full_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNSIT_MOVE_AFTER", "30m")

    assert complaint() == (
        "UNSIT_MOVE_AFTER: there is no such setting; did you mean UNSIT_SITTING__MOVE_AFTER?"
    )


def test_a_variable_of_another_program_is_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNSIT_SIM_SPEED", "5")
    monkeypatch.setenv("UNSITTABLE__CHAIR", "1")

    assert load().settings == Settings()


@pytest.mark.parametrize("value", ["{", "45m", "3"])
def test_a_section_as_a_variable_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("UNSIT_SITTING", value)

    assert "sitting" in complaint()


def test_an_unknown_flag_names_the_nearest_key() -> None:
    assert complaint(None, "sitting.move=45m") == (
        "--set sitting.move: there is no setting sitting.move; the nearest is sitting.move_after"
    )


def test_a_flag_without_an_equals_sign_shows_the_form() -> None:
    assert complaint(None, "sitting.move_after") == (
        "--set sitting.move_after: expected KEY=VALUE, such as sitting.move_after=45m"
    )


@pytest.mark.parametrize(
    ("flag", "limit"),
    [
        ("sitting.move_after=0", "greater than or equal to 1 second"),
        ("sitting.move_after=25h", "less than or equal to 1 day"),
        ("sitting.min_break=0.5", "greater than or equal to 1 second"),
        ("seat.sit_dwell=-1", "greater than or equal to 0 seconds"),
        ("seat.stand_dwell=61s", "less than or equal to 1 minute"),
        ("reminders.max_reminders=0", "greater than or equal to 1"),
        ("reminders.max_snoozes=-1", "greater than or equal to 0"),
        ("reminders.max_snoozes=101", "less than or equal to 100"),
        ("seat.pin=-1", "greater than or equal to 0"),
        ("seat.pin=28", "less than or equal to 27"),
        ("mqtt.port=0", "greater than or equal to 1"),
        ("mqtt.port=65536", "less than or equal to 65535"),
        ("mqtt.keepalive=4s", "greater than or equal to 5 seconds"),
        ("seat.kind=sofa", "'mat'"),
        ("buzzer.kind=loud", "'active', 'passive' or 'none'"),
        ("buzzer.pattern=morse", "'tick', 'short', 'double', 'triple', 'long', 'rising'"),
        ("mqtt.version=4", "'5' or '3.1.1'"),
        ("chair.name=", "at least 1 character"),
        ("chair.language=tlh", "expected one of de, en"),
        ("chair.id=My Chair", "lower-case letters, digits, - or _"),
        ("chair.id=" + 64 * "x", "1 to 63"),
        ("mqtt.prefix=home/#", "a topic without +, #"),
        ("mqtt.prefix=/home", "without a slash at either end"),
        ("mqtt.prefix=", "expected a topic"),
        ("mqtt.host=mqtt://broker", "only a host name or an address; the rest of a URL"),
        ("mqtt.tls=maybe", "valid boolean"),
    ],
)
def test_a_value_out_of_range_names_the_key_the_value_and_the_limit(flag: str, limit: str) -> None:
    key, _, value = flag.partition("=")

    words = complaint(None, flag)

    assert words.startswith(f"--set {key}: {key} = {value!r}: ")
    assert limit in words


@pytest.mark.parametrize(
    "key",
    [
        f"{key}=soon"
        for key in known_keys()
        if key.endswith(("_after", "_break", "_dwell")) and not key.startswith("hours.")
    ],
)
def test_a_bad_duration_names_the_valid_forms(key: str) -> None:
    assert "expected a duration like 30m, 1h30m, 90s, 2.5 (seconds) or PT30M" in complaint(
        None, key
    )


@pytest.mark.parametrize("value", ["true", "inf", "nan", "[1]", '""', "2026-01-05"])
def test_no_other_kind_of_toml_value_is_a_duration(write_toml: WriteToml, value: str) -> None:
    file = write_toml(f"[sitting]\nmove_after = {value}")

    assert complaint(file).startswith(f"{file}: sitting.move_after = ")


def test_a_bad_value_of_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNSIT_SEAT__PIN", "seventeen")

    assert complaint().startswith("UNSIT_SEAT__PIN: seat.pin = 'seventeen': ")


def test_of_several_bad_values_the_first_is_named_and_the_others_are_counted() -> None:
    words = complaint(None, "seat.pin=99", "mqtt.port=0", "reminders.max_reminders=0")

    assert words.startswith("--set seat.pin: ")
    assert words.endswith("(and 2 more)")


@pytest.mark.parametrize(
    "flags",
    [
        ["seat.pin=18"],
        ["button.pin=17"],
        ["led.pin=18"],
        ["button.pin=5", "led.pin=5"],
    ],
)
def test_two_devices_on_one_pin_are_refused(flags: list[str]) -> None:
    pin = flags[-1].partition("=")[2]

    words = complaint(None, *flags)

    assert f"are both {pin}; each needs its own pin" in words
    assert all(flag.partition("=")[0] in words for flag in flags)


def test_without_a_buzzer_its_pin_is_free() -> None:
    settings = load(flags=["buzzer.kind=none", "seat.pin=18"]).settings

    assert settings.seat.pin == 18


@pytest.mark.parametrize("value", ["[" * 5000, "{a=" * 5000, "1" * 5000])
def test_a_deeply_nested_or_very_long_value_is_refused(write_toml: WriteToml, value: str) -> None:
    file = write_toml(f"[seat]\npin = {value}")

    assert complaint(file).startswith(f"{file}: ")


def test_a_file_that_is_not_toml_says_where(write_toml: WriteToml) -> None:
    file = write_toml("[seat]\npin = 5\nkind =\n")

    words = complaint(file)

    assert words.startswith(f"{file}: not TOML: ")
    assert "line 3" in words


def test_a_missing_file_is_refused_when_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = str(tmp_path / "missing.toml")
    assert complaint(missing) == f"{missing}: there is no such file; expected a settings file"

    monkeypatch.setenv("UNSIT_CONFIG", missing)
    assert complaint() == f"{missing}: there is no such file; expected a settings file"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert complaint(str(tmp_path)) == (
        f"{tmp_path}: this is a directory; expected a settings file"
    )


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00", b"\xff\xfe[\x00", b"[seat]\x00"])
def test_a_binary_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "chair.toml"
    file.write_bytes(content)

    words = complaint(str(file))

    assert words.startswith(f"{file}: not ")
    assert "TOML" in words


def test_an_empty_file_is_a_settings_file(write_toml: WriteToml) -> None:
    assert load(write_toml("")).settings == Settings()


def test_settings_cannot_be_changed_once_they_are_read() -> None:
    settings = load().settings

    with pytest.raises(FrozenInstanceError):
        settings.seat = settings.seat  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        settings.seat.pin = 5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[sittings]", "there is no setting sittings; the nearest is"),
        ("[seat]\npin = true", "seat.pin = true: expected a number"),
    ],
)
def test_a_section_alone_and_a_boolean_for_a_number_are_refused(
    text: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "unsit.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=re.escape(reason)):
        load(str(file))


def test_a_variable_with_one_underscore_too_few_names_the_right_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNSIT_SITTING_MOVE_AFTER", "1m")
    with pytest.raises(SettingsError, match="the nearest is UNSIT_SITTING__MOVE_AFTER"):
        load()


@pytest.mark.parametrize(
    ("flags", "contradiction"),
    [
        (["mqtt.tls_ca_file=ca.pem"], "mqtt.tls_ca_file is set and mqtt.tls is not true"),
        (
            ["mqtt.tls=true", "mqtt.tls_key_file=chair.key"],
            "expected mqtt.tls_certificate_file too",
        ),
        (["mqtt.password_file=secret"], "expected mqtt.username too"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    flags: list[str], contradiction: str
) -> None:
    assert contradiction in complaint(None, *flags)


def test_a_login_in_the_address_of_the_broker_is_refused_and_not_printed() -> None:
    words = complaint(None, "mqtt.host=mqtt://chair:correct-horse@broker")

    assert "…@broker" in words
    assert "correct-horse" not in words


def test_a_password_in_the_settings_is_refused_and_not_printed(
    write_toml: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_toml('[mqtt]\npassword = "correct horse"')
    assert complaint(file).endswith("the nearest is mqtt.password_file")

    assert "correct" not in complaint(None, "mqtt.password=correct horse")

    monkeypatch.setenv("UNSIT_MQTT__PASSWORD", "correct horse")
    assert complaint().startswith("UNSIT_MQTT__PASSWORD: there is no such setting")


def test_a_working_day_that_ends_before_it_begins_is_refused_with_both_times() -> None:
    words = complaint(None, "hours.silent_before=18:00", "hours.silent_after=09:00")

    assert "hours.silent_before is 18:00 and hours.silent_after is 09:00" in words
    assert "expected the earlier time in hours.silent_before" in words


@pytest.mark.parametrize("address", ["chair.example", "ftp://c.example", "https://", "http:// x"])
def test_an_address_that_no_browser_could_open_is_refused(address: str) -> None:
    words = complaint(None, f"homeassistant.docs_url={address}")

    assert "expected an address that begins with http:// or https://" in words
