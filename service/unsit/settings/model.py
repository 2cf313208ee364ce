"""Sections of the settings: every key with its default, its limits and its description.

The reference of the settings and the template of a settings file are made from the descriptions.
The sections load_cell and hours have modules of their own.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from unsit.core.mat import MAX_PLAUSIBLE_BOUT
from unsit.core.programme import Programme
from unsit.core.rules import LIMITS, ReminderStyle, Rules, Tone
from unsit.errors import printable
from unsit.files import digest
from unsit.runtime.schedule import Week
from unsit.settings.hours import HoursSettings
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.values import (
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    LadderText,
    Number,
    PatternName,
    Validation,
    duration,
    parsable_by,
    parse_keep,
    parse_ladder,
    parse_time,
    pin,
    setting,
    split_list,
)
from unsit.words import DEFAULT_LANGUAGE, languages

HISTORY_FILE = "history.sqlite"
"""Name of the history in the state directory."""

_MACHINE_ID = Path("/etc/machine-id")
BOARD_SERIAL = Path("/proc/device-tree/serial-number")
BOARD_MODEL = Path("/proc/device-tree/model")
"""Files of the kernel with the serial number and the model of the board."""


def machine_chair_id() -> str:
    """Return a chair id that is the same on every start of this machine and on no other machine.

    The machine id is confidential (machine-id(5)) and goes through a keyed hash. A machine without
    one uses its host name.
    """
    try:
        machine = _MACHINE_ID.read_text(encoding="ascii").strip()
    except OSError:
        machine = ""
    secret = machine or Path("/proc/sys/kernel/hostname").read_text(encoding="utf-8").strip()
    return _chair_id(secret.encode())


def new_chair_id(serial_number: Path = BOARD_SERIAL) -> str:
    """Return a chair id for a new installation, which a copy of its SD card does not share.

    The machine id is on the card, the serial number is of the board. A machine that tells no serial
    number gets a random id. ``unsit setup`` writes the id into the settings.
    serial_number: file with the serial number of the board.
    """
    try:
        serial = serial_number.read_bytes()
    except OSError:
        serial = os.urandom(16)
    return _chair_id(machine_chair_id().encode() + serial)


def board_text(file: Path) -> str | None:
    """Return what the kernel says of the board, as one line; None where it says nothing."""
    try:
        text = file.read_bytes().rstrip(b"\0\n").decode(errors="replace")
    except OSError:
        return None
    return printable(text) or None


def _chair_id(secret: bytes) -> str:
    return f"chair-{digest(secret, key=b'unsit chair', size=4)}"


PORT, TLS_PORT = 1883, 8883
"""Default ports of brokers, without and with TLS."""


def check_host(host: str) -> str:
    """Return a broker's name or address. Raises ValueError for anything more or less than that."""
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError("expected a host name or an address, or none") from None
    if set(host) & set("\"'"):
        raise ValueError("expected a host name or an address; leave the quotation marks out")
    if set(host) & set("/@ "):
        raise ValueError(
            "expected only a host name or an address; the rest of a URL belongs to mqtt.tls, "
            "mqtt.port, mqtt.username and mqtt.password_file"
        )
    if set(host) & set("[]:") and not _is_address_6(host):
        raise ValueError(_without_port(host))
    return host


def _is_address_6(text: str) -> bool:
    """Return whether a text is an address of IPv6, perhaps with an interface: ``fe80::1%eth0``."""
    from ipaddress import IPv6Address  # the running service checks no host

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _without_port(host: str) -> str:
    """Return how to write a host that has a port, or an address in brackets."""
    expected = "expected only a host name or an address"
    found = re.fullmatch(r"\[(.*)\](?::(\d{1,5}))?|([^:]+):(\d{1,5})", host)
    if found is None or (found[1] is not None and not _is_address_6(found[1])):
        return f"{expected}; the port belongs to mqtt.port"
    name, port = found[1] or found[3], found[2] or found[4]
    setting = "" if port is None else f", mqtt.port = {int(port)}"
    return f'{expected}: mqtt.host = "{name}"{setting}'


def check_topic(topic: str) -> str:
    """Return the topic. Raises ValueError if it is empty, has a wildcard or an outer slash."""
    if not topic or set(topic) & set("+#\0") or topic.strip("/") != topic:
        raise ValueError("expected a topic without +, # and without a slash at either end")
    return topic


@dataclass(frozen=True, kw_only=True)
class MqttSettings:
    """The MQTT broker that the chair publishes to."""

    host: Annotated[str, Validation(check_host)] = setting(
        "localhost",
        "The broker's host name or address; none runs the chair without a broker.",
        min_length=1,
    )
    port: int = setting(
        None, f"The broker's port. By default {PORT}, with TLS {TLS_PORT}.", ge=1, le=65535
    )
    version: Literal["5", "3.1.1"] = setting("5", "The version of the MQTT protocol.")
    username: str | None = setting(
        None, "The user name at the broker; by default the chair logs in without one."
    )
    password_file: str | None = setting(
        None,
        "The file whose first line is the password. By default the systemd credential "
        "mqtt-password, if there is one.",
    )
    tls: bool = setting(False, "true to connect to the broker with TLS.")
    tls_ca_file: str | None = setting(
        None,
        "The CA certificates (PEM) that the broker's certificate is checked against. By default "
        "those that the system trusts.",
    )
    tls_certificate_file: str | None = setting(
        None, "The chair's own certificate (PEM), for a broker that requires client certificates."
    )
    tls_key_file: str | None = setting(
        None, "The private key (PEM) of that certificate. By default it is in the same file."
    )
    tls_verify: bool = setting(
        True,
        "false to accept any certificate as the broker's. This is insecure; the log warns of it.",
    )
    prefix: Annotated[str, Validation(check_topic)] = setting(
        "unsit", "The first part of every topic of the chair: PREFIX/CHAIR_ID/..., with chair.id."
    )
    keepalive: Duration = duration(
        MINUTE,
        5 * SECOND,
        HOUR,
        "A connection ends when one side has sent nothing for 1.5 times this.",
    )
    heartbeat: Duration = duration(
        MINUTE,
        SECOND,
        HOUR,
        "The state is published at least this often while somebody is sitting.",
    )
    fresh_for: Duration = duration(
        MINUTE,
        SECOND,
        HOUR,
        "An event older than this, such as one from before an outage, is published only to the "
        "topic log, so that it triggers no automation.",
    )

    def __post_init__(self) -> None:
        if not self._given("port"):
            object.__setattr__(self, "port", TLS_PORT if self.tls else PORT)

    def check(self) -> None:
        """Raise ValueError for settings that contradict each other."""
        given = self._given("tls_ca_file", "tls_certificate_file", "tls_key_file")
        if given and not self.tls:
            raise ValueError(
                f"{given[0]} is set and mqtt.tls is not true; expected both or neither"
            )
        if self.tls_key_file is not None and self.tls_certificate_file is None:
            raise ValueError("mqtt.tls_key_file is set; expected mqtt.tls_certificate_file too")
        if self.password_file is not None and self.username is None:
            raise ValueError("mqtt.password_file is set; expected mqtt.username too")

    def _given(self, *names: str) -> list[str]:
        return [f"mqtt.{name}" for name in names if getattr(self, name) is not None]


def _check_topics(text: str) -> str:
    for topic in split_list(text):
        check_topic(topic)
    return text


def _check_values(text: str) -> str:
    if not split_list(text):
        raise ValueError("expected one value or more, such as true,on")
    return text


@dataclass(frozen=True, kw_only=True)
class HoldSettings:
    """Holds: reminders are silent during a hold, such as a call, while the bout still counts."""

    longest: Duration = duration(
        4 * HOUR,
        MINUTE,
        24 * HOUR,
        "The longest duration of a hold without an end of its own, such as from the button, the "
        "switch or a topic. Then a reminder that is overdue sounds.",
    )
    topics: Annotated[str, Validation(_check_topics)] = setting(
        "",
        "MQTT topics that hold the chair while their last message is one of the values, such as "
        "teams/in-call,office/calendar. Retained messages count.",
    )
    values: Annotated[str, Validation(_check_values)] = setting(
        "true,on,yes,1,busy",
        "The messages that start a hold, in upper or lower case; any other message ends it.",
    )

    @property
    def watched(self) -> tuple[str, ...]:
        """The single topics."""
        return split_list(self.topics)

    @property
    def holding(self) -> tuple[str, ...]:
        """The single values."""
        return split_list(self.values)


_RULES = Rules()


@dataclass(frozen=True, kw_only=True)
class RemindersSettings:
    """Reminders of a bout that is due: how often, how loud, and how many."""

    repeat_every: Duration = duration(
        _RULES.repeat_every, SECOND, 24 * HOUR, "The time from one reminder to the next."
    )
    max_reminders: int = setting(
        _RULES.max_reminders,
        "The number of reminders in a bout, the first one included.",
        ge=1,
        le=100,
    )
    snooze_for: Duration = duration(
        _RULES.snooze_for, SECOND, 24 * HOUR, "The time from a snooze to the next reminder."
    )
    max_snoozes: int = setting(_RULES.max_snoozes, "The number of snoozes in a bout.", ge=0, le=100)
    snooze_shrink: Number = setting(
        0,
        "Each snooze of a bout is this much shorter than the one before, in percent.",
        ge=0,
        le=90,
    )
    daily_snoozes: Number | None = setting(
        None, "The number of snoozes in a day. By default there is no limit.", ge=0, le=1000
    )
    ladder: LadderText = setting(
        "",
        "The reminders of a bout in their order, from soft to insistent, such as "
        "lamp 2m, tick 30% 2m, long. Each is a cue (lamp, event, or a pattern as in "
        "buzzer.pattern), then optionally the volume of a passive buzzer and the time until the "
        "next reminder. The last one repeats. Empty: every reminder is buzzer.pattern.",
    )
    style: ReminderStyle = setting(
        _RULES.style,
        "gentle: the lamp first, and after 5 min a short beep every 10 min; normal: as the other "
        "keys of this section say; insistent: every 2 min, each louder than the one before. Gentle "
        "and insistent replace reminders.ladder and reminders.repeat_every. A command over MQTT "
        "can change it.",
    )
    back_too_soon: bool = setting(
        True,
        "true for a soft tick, once in a bout, when you sit down again after a reminder and were "
        "up for less than sitting.min_break.",
    )
    warn_before: Duration | None = duration(
        None,
        60 * SECOND,
        HOUR,
        "A soft tick sounds this long before the bout is due. By default there is none, because "
        "the first reminder can be snoozed and every further sound annoys.",
    )
    softer_from: Annotated[str | None, parsable_by(parse_time)] = setting(
        None,
        "From this time of day, such as 13:00, until midnight every reminder that sounds is "
        "reminders.softer_pattern. By default never.",
    )
    softer_pattern: PatternName = setting(
        "short", "The pattern of a reminder after reminders.softer_from."
    )


_PROGRAMME = Programme()


def _check_ids(text: str) -> str:
    """Refuse repeated ids; ``read_programme`` checks later that each one exists."""
    if len(set(split_list(text))) < len(split_list(text)):
        raise ValueError("expected each exercise once")
    return text


@dataclass(frozen=True, kw_only=True)
class ExercisesSettings:
    """Exercises that a reminder suggests, and posture tips (sitting cues) during a bout."""

    enabled: bool = setting(True, "false to switch exercises and sitting cues off.")
    file: str | None = setting(
        None,
        "Your own file of exercises, or a directory of such files (*.toml). They come before the "
        "built-in ones.",
        min_length=1,
    )
    builtin: bool = setting(True, "false to use only the exercises and cues of exercises.file.")
    without: Annotated[str, Validation(_check_ids)] = setting(
        "", "The ids of exercises and cues to leave out, such as glute_bridge,feet_flat."
    )
    harder: Annotated[str, Validation(_check_ids)] = setting(
        "", "The ids of exercises to do in their harder form, such as glute_bridge."
    )
    offer_after: Duration = duration(
        _PROGRAMME.offer_after,
        0 * MINUTE,
        24 * HOUR,
        "A stand-up before the bout is due brings an exercise if the bout lasted at least this "
        "long.",
    )
    cue_after: Duration = duration(
        _PROGRAMME.cue_after,
        0 * MINUTE,
        24 * HOUR,
        "The time from sitting down to a sitting cue.",
    )
    button: Literal["done", "pace"] = setting(
        "done",
        "The meaning of a short press while an exercise is offered. done: it counts as done; pace: "
        "the buzzer and the LED pace it.",
    )


def _check_id(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
        raise ValueError(
            "expected 1 to 63 lower-case letters, digits, - or _, a letter or digit first"
        )
    return name


def _check_language(language: str) -> str:
    if language not in languages():
        raise ValueError(f"expected one of {', '.join(languages())}")
    return language


@dataclass(frozen=True, kw_only=True)
class ChairSettings:
    """Identity and language of the chair."""

    id: Annotated[str, Validation(_check_id)] = field(
        default_factory=machine_chair_id,
        metadata={
            "description": "The chair's id in topics and events: 1 to 63 lower-case letters, "
            "digits, - and _. By default derived from the machine's id; unsit setup and the "
            "install script write one that is derived from the board too, so that two Pis with "
            "copies of one card do not share it."
        },
    )
    name: str = setting(
        "Chair",
        "The chair's name in Home Assistant, 1 to 64 characters.",
        min_length=1,
        max_length=64,
    )
    language: Annotated[str, Validation(_check_language)] = setting(
        DEFAULT_LANGUAGE,
        f"The language of the log and of Home Assistant's entities: {', '.join(languages())}.",
    )


@dataclass(frozen=True, kw_only=True)
class SeatSettings:
    """The sensor of the seat."""

    kind: Literal["mat", "load_cell"] = setting(
        "mat",
        "mat: a contact mat under the cushion; load_cell: load cells, see the section load_cell.",
    )
    pin: Number = pin(17, "The BCM number of the mat's pin. The mat's other wire goes to ground.")
    normally_closed: bool = setting(False, "true for a mat whose contact opens under weight.")
    sit_dwell: Duration = duration(
        _RULES.sit_dwell,
        0 * SECOND,
        MINUTE,
        "The seat must be occupied for this long to count as sitting.",
    )
    stand_dwell: Duration = duration(
        _RULES.stand_dwell,
        0 * SECOND,
        MINUTE,
        "The seat must be empty for this long to count as standing up.",
    )
    reread_every: Duration = duration(
        MINUTE,
        SECOND,
        HOUR,
        "The interval at which the pin is read in addition to its edges, to find a lost edge.",
    )
    max_plausible_bout: Duration = duration(
        MAX_PLAUSIBLE_BOUT,
        MINUTE,
        7 * 24 * HOUR,
        "A mat that stays pressed for this long without a flicker, or load cells that stay "
        "occupied, are reported as stuck. In real recordings the longest such stretch with a "
        "person is 15.3 hours, and the shortest of a stuck mat 17.9 hours.",
    )


@dataclass(frozen=True, kw_only=True)
class SittingSettings:
    """Limits of sitting: the length of a bout, of a break and of a day."""

    move_after: Duration = duration(
        _RULES.move_after,
        *LIMITS["move_after"],
        "A bout of this length is due: it is time to move. 30 minutes is called prolonged sitting "
        "in the literature, and breaks every half hour had the strongest effect of the doses "
        "measured (Diaz 2023).",
    )
    min_break: Duration = duration(
        _RULES.min_break,
        *LIMITS["min_break"],
        "The shortest time off the seat that counts as a break. 2 minutes is the shortest dose "
        "with a measured effect (every 20 minutes; Dunstan 2012), 5 minutes every half hour the "
        "strongest (Diaz 2023).",
    )
    daily_limit: Duration | None = duration(
        None,
        *LIMITS["daily_limit"],
        "The time on the seat in a day after which the chair signals once that the day's limit is "
        "reached. By default there is no limit.",
    )
    credit: float | None = setting(
        None,
        "The minutes of sitting that one minute off the seat cancels, such as 15. A bout is then "
        "due when the rest reaches move_after. By default a time off the seat that is shorter "
        "than min_break counts as sitting.",
        gt=0,
        le=100,
    )


@dataclass(frozen=True, kw_only=True)
class BuzzerSettings:
    """The buzzer, and the sound of a reminder."""

    kind: Literal["active", "passive", "none"] = setting(
        "active", "active: a buzzer with its own tone; passive: a bare piezo disc; none: no buzzer."
    )
    pin: Number = pin(18, "The BCM number of the buzzer's pin.")
    active_high: bool = setting(
        True, "false for an active buzzer that sounds while its pin is low."
    )
    pattern: PatternName = setting("triple", "The sound of a reminder.")
    volume: Number = setting(
        100, "The volume in percent. Only a passive buzzer can be set below 100.", ge=1, le=100
    )
    enabled: bool = setting(
        True, "false to keep reminders silent. A command over MQTT can change it."
    )


@dataclass(frozen=True, kw_only=True)
class ButtonSettings:
    """A push button: a short press snoozes or acknowledges, a long one (1 s) toggles a hold."""

    pin: Number | None = pin(
        None,
        "The BCM number of the button's pin. The button's other wire goes to ground. By default "
        "there is no button.",
    )


@dataclass(frozen=True, kw_only=True)
class LedSettings:
    """An LED that is lit while it is time to move."""

    pin: Number | None = pin(None, "The BCM number of the LED's pin. By default there is no LED.")


def _check_url(url: str | None) -> str | None:
    if url is not None and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
        raise ValueError("expected an address that begins with http:// or https://")
    return url


@dataclass(frozen=True, kw_only=True)
class HomeAssistantSettings:
    """The chair as a device in Home Assistant."""

    discovery: bool = setting(True, "true to announce the chair to Home Assistant.")
    discovery_prefix: Annotated[str, Validation(check_topic)] = setting(
        "homeassistant", "The discovery prefix in the options of Home Assistant's MQTT integration."
    )
    birth_topic: Annotated[str, Validation(check_topic)] = setting(
        "homeassistant/status",
        "The birth topic of Home Assistant, where it publishes that it has started.",
    )
    time_entities: bool = setting(
        True,
        "false to announce no entities for dates and times of day (Hold until, working hours). "
        "Home Assistant has them since 2026.5; an older one logs a warning at each announcement "
        "and keeps the others.",
    )
    docs_url: Annotated[str | None, Validation(_check_url)] = setting(
        None,
        "The address (http or https) that Home Assistant links on the page of the device: a copy "
        "of these pages, or the report of this chair. By default there is no link.",
        max_length=500,
    )
    area: str | None = setting(
        None, "The area that Home Assistant suggests for the chair when it is added.", min_length=1
    )


@dataclass(frozen=True, kw_only=True)
class HistorySettings:
    """The history: every event of this chair, for reports, in a file of its own."""

    keep: Annotated[str, parsable_by(parse_keep)] = setting(
        "5y",
        "How long events of this chair are kept, such as 5y or 90d (1d to 100y); off keeps no "
        "history. Imported events stay until you forget them (unsit history forget).",
    )
    path: str | None = setting(
        None,
        "The file of the history; a relative path begins at the state directory. By default "
        "history.sqlite there; the unit lets the service write nowhere else.",
        min_length=1,
    )

    @property
    def kept_for(self) -> timedelta | None:
        """Age up to which events are kept, None for no history."""
        return parse_keep(self.keep)

    def file(self, state: Path) -> Path:
        """Return the path of the history. state: the state directory."""
        return state / (self.path or HISTORY_FILE)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a chair; ``unsit.settings.load`` reads and validates them.

    Raises ValueError for two parts on one pin, and for settings that contradict each other.
    """

    chair: ChairSettings = field(default_factory=ChairSettings)
    seat: SeatSettings = SeatSettings()
    load_cell: LoadCellSettings = LoadCellSettings()
    sitting: SittingSettings = SittingSettings()
    reminders: RemindersSettings = RemindersSettings()
    hold: HoldSettings = HoldSettings()
    hours: HoursSettings = HoursSettings()
    buzzer: BuzzerSettings = BuzzerSettings()
    button: ButtonSettings = ButtonSettings()
    led: LedSettings = LedSettings()
    mqtt: MqttSettings = MqttSettings()
    homeassistant: HomeAssistantSettings = HomeAssistantSettings()
    exercises: ExercisesSettings = ExercisesSettings()
    history: HistorySettings = HistorySettings()

    def __post_init__(self) -> None:
        self.mqtt.check()
        used: dict[int, str] = {}
        for key, number in self.pins().items():
            if number in used:
                raise ValueError(
                    f"{used[number]} and {key} are both {number}; each needs its own pin"
                )
            used[number] = key
        self._check_volumes()
        self.hours.check()

    def _check_volumes(self) -> None:
        if self.buzzer.kind == "passive":
            return
        ladder = parse_ladder(self.reminders.ladder)
        if self.buzzer.volume != 100 or any(rung.volume is not None for rung in ladder):
            raise ValueError(f"a volume needs buzzer.kind = passive; it is {self.buzzer.kind}")

    def pins(self) -> dict[str, int]:
        """Return the BCM pin of every part, by its key."""
        buzzer = None if self.buzzer.kind == "none" else self.buzzer.pin
        is_mat = self.seat.kind == "mat"
        pins = {
            "seat.pin": self.seat.pin if is_mat else None,
            **({} if is_mat else self.load_cell.pins()),
            "buzzer.pin": buzzer,
            "button.pin": self.button.pin,
            "led.pin": self.led.pin,
        }
        return {key: number for key, number in pins.items() if number is not None}

    def week(self) -> Week:
        """Return the hours of every weekday in which the chair may sound, and softly."""
        softer = self.reminders.softer_from
        if softer is None:
            return self.hours.week()
        return replace(self.hours.week(), softer_from=parse_time(softer))

    def rules(self) -> Rules:
        """Return the rules that the core works with."""
        return Rules(
            sit_dwell=self.seat.sit_dwell,
            stand_dwell=self.seat.stand_dwell,
            move_after=self.sitting.move_after,
            min_break=self.sitting.min_break,
            repeat_every=self.reminders.repeat_every,
            max_reminders=self.reminders.max_reminders,
            snooze_for=self.reminders.snooze_for,
            max_snoozes=self.reminders.max_snoozes,
            snooze_shrink=self.reminders.snooze_shrink,
            daily_snoozes=self.reminders.daily_snoozes,
            ladder=parse_ladder(self.reminders.ladder),
            style=self.reminders.style,
            softer=Tone(self.reminders.softer_pattern),
            daily_limit=self.sitting.daily_limit,
            credit=self.sitting.credit,
            back_too_soon=self.reminders.back_too_soon,
            warn_before=self.reminders.warn_before,
            longest_hold=self.hold.longest,
        )


ORIGIN_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings in force, and the origin of every key that is not a default.

    programme: the exercises in force, read from the files that the settings name.
    file: the settings file, None without one.
    """

    settings: Settings
    origins: Mapping[str, str]
    programme: Programme = field(default_factory=Programme)
    file: str | None = None
