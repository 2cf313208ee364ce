"""Every setting: its default, its range and what it is for.

The description of a field is its documentation; ``unsit config`` and the reference in
service/README.md show it. The limits in a field's metadata are those of pydantic's ``Field``, and
``unsit.settings.load`` has pydantic hold them. The settings themselves are plain dataclasses: a
service that runs for years need not carry the validator that it needed once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Literal

from unsit.core.rules import Rules
from unsit.settings.duration import Duration
from unsit.settings.identity import machine_chair_id
from unsit.settings.passing import After, Before

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

_RULES = Rules()


def _no_bool(value: Any) -> Any:
    """Python takes true for 1; a person who wrote it meant something else."""
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004  # pydantic reports ValueErrors
    return value


def _is_a_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
        raise ValueError(
            "expected 1 to 63 lower-case letters, digits, - or _, a letter or digit first"
        )
    return name


def _is_a_host(host: str) -> str:
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError("expected a host name or an address, or none") from None
    return host


def _is_a_topic(prefix: str) -> str:
    if not prefix or set(prefix) & set("+#\0") or prefix.strip("/") != prefix:
        raise ValueError("expected a topic without +, # and without a slash at either end")
    return prefix


PLACES = frozenset(
    {"left", "right", "front", "back", "left_front", "right_front", "left_back", "right_back"}
)

_DEFAULT_AT = {"hx711": "5:6", "hx711_spi": "0.0", "nau7802": "1", "iio": "0"}
_AT = {
    "hx711": r"([01]?\d|2[0-7]):([01]?\d|2[0-7])",
    "hx711_spi": r"\d{1,2}\.\d{1,2}",
    "nau7802": r"\d{1,2}(:[12])?",
    "iio": r"\d{1,2}(:\d{1,2})?",
}


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def _are_cells(text: str) -> str:
    names = _split(text)
    if names != ("seat",) and not (1 < len(names) == len(set(names)) and set(names) <= PLACES):
        raise ValueError(f"expected seat, or two or more of {', '.join(sorted(PLACES))}")
    return text


def _are_places(text: str) -> str:
    if text and len(set(_split(text))) < len(_split(text)):
        raise ValueError("expected a place of its own for each cell")
    return text


def _is_gain(gain: int) -> int:
    if gain not in (128, 64, 32):
        raise ValueError("expected 128, 64 or 32")
    return gain


def _is_rate(rate: int) -> int:
    if rate not in (10, 80):
        raise ValueError("expected 10 or 80 conversions a second")
    return rate


Number = Annotated[int, Before(_no_bool)]
PatternName = Literal["tick", "short", "double", "triple", "long", "rising", "insistent"]


def setting(default: Any, description: str, **limits: Any) -> Any:
    """A field of a section. limits: as in pydantic's ``Field``, such as ge and le."""
    return field(default=default, metadata={"description": description, **limits})


def setting_made_by(make: Callable[[], Any], description: str, **limits: Any) -> Any:
    """A field whose default is not the same on every machine."""
    return field(default_factory=make, metadata={"description": description, **limits})


def pin(default: int | None, description: str) -> Any:
    """A BCM number on the 40-pin header."""
    return setting(default, description, ge=0, le=27)


def duration(default: timedelta, least: timedelta, most: timedelta, description: str) -> Any:
    """A duration between two others, these included."""
    return setting(default, description, ge=least, le=most)


@dataclass(frozen=True, kw_only=True)
class ChairSettings:
    """Which chair this is."""

    id: Annotated[str, After(_is_a_name)] = setting_made_by(
        machine_chair_id,
        "Names the chair in topics and events: lower-case letters, digits, - and _. "
        "By default derived from the machine, so that two never collide.",
    )
    name: str = setting("Chair", "What people read.", min_length=1, max_length=64)


@dataclass(frozen=True, kw_only=True)
class SeatSettings:
    """The sensor under the cushion."""

    kind: Literal["mat", "load_cell"] = setting(
        "mat", "mat: a contact mat; load_cell: load cells, see the section load_cell."
    )
    pin: Number = pin(17, "The mat's BCM pin; its other wire goes to ground.")
    normally_closed: bool = setting(False, "true for a mat whose contact opens under weight.")
    sit_dwell: Duration = duration(
        _RULES.sit_dwell, 0 * SECOND, MINUTE, "How long weight must hold to count as sitting."
    )
    stand_dwell: Duration = duration(
        _RULES.stand_dwell, 0 * SECOND, MINUTE, "How long it must be gone to count as standing."
    )
    reread_every: Duration = duration(
        MINUTE, SECOND, HOUR, "How often the pin is read again, to find a lost edge."
    )


@dataclass(frozen=True, kw_only=True)
class LoadCellSettings:
    """Load cells under the seat.

    Raises ValueError for cells and places that do not go together.
    """

    converter: Literal["hx711_spi", "hx711", "nau7802", "iio"] = setting(
        "hx711_spi",
        "What reads the cells: an HX711 on an SPI bus of its own, an HX711 on two pins, a NAU7802 "
        "on I2C, or the kernel.",
    )
    cells: Annotated[str, After(_are_cells)] = setting(
        "seat",
        "The cells: seat for one; several by where they are, such as left,right or "
        "left_front,right_front,left_back,right_back.",
    )
    at: Annotated[str, After(_are_places)] = setting(
        "",
        "Where each cell's converter is, in the order of the cells: data:clock pins of an HX711 "
        "(5:6), bus.device of SPI (0.0), bus or bus:input of I2C (1), number of the IIO device "
        "(0). Empty: the one in brackets.",
    )
    gain: Annotated[Number, After(_is_gain)] = setting(
        128, "Amplification; 32 is input B of an HX711."
    )
    rate: Annotated[Number, After(_is_rate)] = setting(
        10, "Conversions a second, as the board is wired."
    )
    sit_load: float = setting(
        10.0, "kg more than lies on the seat anyway that are a person.", ge=1, le=100
    )
    stand_load: float = setting(
        5.0, "kg more than lies on the seat anyway that are none any more.", ge=0.5, le=100
    )
    least_load: float = setting(
        15.0, "kg below which nothing is a person: not a cat, a bag or a coat.", ge=1, le=100
    )
    limits: Literal["kg", "sitter"] = setting(
        "kg", "sitter: instead of sit_load and stand_load 25 % and 12 % of who usually sits there."
    )
    lean_limit: float = setting(
        0.3, "How far off the middle is leaning, of 1; needs two cells.", ge=0.05, le=1
    )
    lean_after: Duration = duration(MINUTE, SECOND, HOUR, "How long that must last.")
    publish_load: bool = setting(
        False, "true to have the load on the seat in the state; it is not a body weight."
    )
    calibration: str | None = setting(
        None,
        "The file that unsit calibrate writes; by default load_cells.json in the directory of "
        "state.",
    )

    def __post_init__(self) -> None:
        if self.stand_load >= self.sit_load:
            raise ValueError(
                f"load_cell.stand_load {self.stand_load:g} is not below load_cell.sit_load "
                f"{self.sit_load:g}; between the two nothing changes"
            )
        if len(self.wired_at) != len(self.names):
            raise ValueError(
                f"load_cell.at names {len(self.wired_at)} converter(s) for {len(self.names)} "
                "cell(s); expected one for each"
            )
        for where in self.wired_at:
            if not re.fullmatch(_AT[self.converter], where):
                raise ValueError(
                    f"load_cell.at {where!r} is no place of {self.converter}; expected the like "
                    f"of {_DEFAULT_AT[self.converter]}"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each cell."""
        return _split(self.cells)

    @property
    def wired_at(self) -> tuple[str, ...]:
        """Where each cell's converter is."""
        return _split(self.at or _DEFAULT_AT[self.converter])

    @property
    def input_and_gain(self) -> str:
        """The HX711's input and gain, as ``A128``."""
        return f"{'B' if self.gain == 32 else 'A'}{self.gain}"

    def pins(self) -> dict[str, int]:
        """The pins that converters hang on, by what uses them."""
        if self.converter != "hx711":
            return {}
        pairs = [where.split(":") for where in self.wired_at]
        return {
            f"load_cell.at {wire} {nth}": int(number)
            for nth, pair in enumerate(pairs, start=1)
            for wire, number in zip(("data", "clock"), pair, strict=True)
        }


@dataclass(frozen=True, kw_only=True)
class SittingSettings:
    """When it is time to move, and what counts as a break."""

    move_after: Duration = duration(
        _RULES.move_after,
        SECOND,
        24 * HOUR,
        "How long a bout may last. 30 minutes is what the literature calls prolonged sitting.",
    )
    min_break: Duration = duration(
        _RULES.min_break,
        SECOND,
        24 * HOUR,
        "Time off the seat that counts as a break. 2 minutes is the shortest dose with a "
        "measured effect (every 20 minutes; Dunstan 2012).",
    )


@dataclass(frozen=True, kw_only=True)
class RemindersSettings:
    """How often to remind, and when to leave a person alone."""

    repeat_every: Duration = duration(
        _RULES.repeat_every, SECOND, 24 * HOUR, "The time between reminders."
    )
    max_reminders: int = setting(_RULES.max_reminders, "How many a bout gets.", ge=1, le=100)
    snooze_for: Duration = duration(
        _RULES.snooze_for, SECOND, 24 * HOUR, "How far a snooze puts the next reminder off."
    )
    max_snoozes: int = setting(_RULES.max_snoozes, "How many snoozes a bout gets.", ge=0, le=100)


@dataclass(frozen=True, kw_only=True)
class BuzzerSettings:
    """What sounds."""

    kind: Literal["active", "passive", "none"] = setting(
        "active", "active: has its own tone; passive: a bare piezo disc; none: no buzzer."
    )
    pin: Number = pin(18, "The buzzer's BCM pin.")
    active_high: bool = setting(True, "false for an active module that sounds on a low pin.")
    pattern: PatternName = setting("triple", "What a reminder sounds like.")
    enabled: bool = setting(True, "Whether reminders sound; a command can change it.")


@dataclass(frozen=True, kw_only=True)
class ButtonSettings:
    """A push button: a short press snoozes, a long one (1 s) holds or ends a hold."""

    pin: Number | None = pin(None, "The button's BCM pin; its other wire goes to ground.")


@dataclass(frozen=True, kw_only=True)
class LedSettings:
    """A lamp that is lit while it is time to move."""

    pin: Number | None = pin(None, "The LED's BCM pin.")


@dataclass(frozen=True, kw_only=True)
class MqttSettings:
    """The broker."""

    host: Annotated[str, After(_is_a_host)] = setting(
        "localhost",
        "The broker's name or address; none for a chair without a broker.",
        min_length=1,
    )
    port: int = setting(1883, "The broker's port.", ge=1, le=65535)
    version: Literal["5", "3.1.1"] = setting("5", "The version of MQTT.")
    username: str | None = setting(None, "Who to log in as.")
    password_file: str | None = setting(None, "The file whose first line is the password.")
    prefix: Annotated[str, After(_is_a_topic)] = setting(
        "unsit", "The topics begin with this and a slash, then chair.id."
    )
    keepalive: Duration = duration(
        MINUTE, 5 * SECOND, HOUR, "After 1.5 times this without a sign of life a side is dead."
    )
    heartbeat: Duration = duration(
        MINUTE, SECOND, HOUR, "The state is sent at least this often while somebody sits."
    )
    fresh_for: Duration = duration(
        MINUTE, SECOND, HOUR, "An older event goes to the log topic only."
    )


@dataclass(frozen=True, kw_only=True)
class HomeAssistantSettings:
    """The chair as a device in Home Assistant."""

    discovery: bool = setting(True, "Whether Home Assistant is told of the chair.")
    discovery_prefix: Annotated[str, After(_is_a_topic)] = setting(
        "homeassistant", "Where Home Assistant looks for devices; its MQTT options name it."
    )
    birth_topic: Annotated[str, After(_is_a_topic)] = setting(
        "homeassistant/status", "Where Home Assistant says that it is there."
    )
    area: str | None = setting(
        None, "The room that Home Assistant puts the chair in at first.", min_length=1
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a chair; ``unsit.settings.load`` reads and validates them.

    Raises ValueError for two things on one pin.
    """

    chair: ChairSettings = field(default_factory=ChairSettings)
    seat: SeatSettings = SeatSettings()
    load_cell: LoadCellSettings = LoadCellSettings()
    sitting: SittingSettings = SittingSettings()
    reminders: RemindersSettings = RemindersSettings()
    buzzer: BuzzerSettings = BuzzerSettings()
    button: ButtonSettings = ButtonSettings()
    led: LedSettings = LedSettings()
    mqtt: MqttSettings = MqttSettings()
    homeassistant: HomeAssistantSettings = HomeAssistantSettings()

    def __post_init__(self) -> None:
        used: dict[int, str] = {}
        for key, number in self._pins().items():
            if number in used:
                raise ValueError(
                    f"{used[number]} and {key} are both {number}; each needs its own pin"
                )
            used[number] = key

    def _pins(self) -> dict[str, int]:
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

    def rules(self) -> Rules:
        """The figures that the core works with."""
        return Rules(
            sit_dwell=self.seat.sit_dwell,
            stand_dwell=self.seat.stand_dwell,
            move_after=self.sitting.move_after,
            min_break=self.sitting.min_break,
            repeat_every=self.reminders.repeat_every,
            max_reminders=self.reminders.max_reminders,
            snooze_for=self.reminders.snooze_for,
            max_snoozes=self.reminders.max_snoozes,
        )
