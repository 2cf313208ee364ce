"""Every setting: its default, its range and what it is for.

The description of a field is its documentation; ``unsit config`` and the reference in
service/README.md show it. The limits in a field's metadata are those of pydantic's ``Field``, and
``unsit.settings.load`` has pydantic hold them. The settings themselves are plain dataclasses: a
service that runs for years need not carry the validator that it needed once.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from unsit.core.ladder import Tone
from unsit.core.mat import MAX_PLAUSIBLE_BOUT
from unsit.core.rules import Rules
from unsit.runtime.week import Week
from unsit.settings.duration import Duration
from unsit.settings.exercises import ExercisesSettings
from unsit.settings.fields import (
    HOUR,
    MINUTE,
    SECOND,
    Number,
    duration,
    pin,
    setting,
    setting_made_by,
)
from unsit.settings.hold import HoldSettings
from unsit.settings.hours import HoursSettings
from unsit.settings.identity import machine_chair_id
from unsit.settings.ladder import PatternName, parse_ladder
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.mqtt import MqttSettings, is_a_topic
from unsit.settings.parsing import parse_time
from unsit.settings.passing import After
from unsit.settings.reminders import RemindersSettings
from unsit.words import DEFAULT, languages

_RULES = Rules()


def _is_a_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
        raise ValueError(
            "expected 1 to 63 lower-case letters, digits, - or _, a letter or digit first"
        )
    return name


def _is_a_language(language: str) -> str:
    if language not in languages():
        raise ValueError(f"expected one of {', '.join(languages())}")
    return language


@dataclass(frozen=True, kw_only=True)
class ChairSettings:
    """Which chair this is."""

    id: Annotated[str, After(_is_a_name)] = setting_made_by(
        machine_chair_id,
        "Names the chair in topics and events: lower-case letters, digits, - and _. "
        "By default derived from the machine, so that two never collide.",
    )
    name: str = setting("Chair", "What people read.", min_length=1, max_length=64)
    language: Annotated[str, After(_is_a_language)] = setting(
        DEFAULT, f"What the log and Home Assistant's entities are in: {', '.join(languages())}."
    )


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
    max_plausible_bout: Duration = duration(
        MAX_PLAUSIBLE_BOUT,
        MINUTE,
        7 * 24 * HOUR,
        "A mat that is pressed for so long without one flicker is stuck. In real recordings the "
        "longest stretch under somebody is 15.3 hours; the shortest of a stuck mat is 17.9.",
    )


@dataclass(frozen=True, kw_only=True)
class SittingSettings:
    """When it is time to move, and what counts as a break."""

    move_after: Duration = duration(
        _RULES.move_after,
        SECOND,
        24 * HOUR,
        "How long a bout may last. 30 minutes is what the literature calls prolonged sitting; "
        "breaks each half hour are the strongest dose measured (Diaz 2023).",
    )
    min_break: Duration = duration(
        _RULES.min_break,
        SECOND,
        24 * HOUR,
        "Time off the seat that counts as a break. 2 minutes is the shortest dose with a "
        "measured effect (every 20 minutes; Dunstan 2012), 5 minutes each half hour the "
        "strongest (Diaz 2023).",
    )
    daily_limit: Duration | None = duration(
        None,
        MINUTE,
        24 * HOUR,
        "The time on the seat in a day at which one sign says that it is enough; by default none.",
    )
    credit: float | None = setting(
        None,
        "How many minutes of sitting a minute of a gap repays, such as 15; then a bout is due when "
        "what is not repaid reaches move_after. By default a gap counts as sitting.",
        gt=0,
        le=100,
    )


@dataclass(frozen=True, kw_only=True)
class BuzzerSettings:
    """What sounds."""

    kind: Literal["active", "passive", "none"] = setting(
        "active", "active: has its own tone; passive: a bare piezo disc; none: no buzzer."
    )
    pin: Number = pin(18, "The buzzer's BCM pin.")
    active_high: bool = setting(True, "false for an active module that sounds on a low pin.")
    pattern: PatternName = setting("triple", "What a reminder sounds like.")
    volume: Number = setting(100, "Percent; only a passive buzzer can be softer.", ge=1, le=100)
    enabled: bool = setting(True, "Whether reminders sound; a command can change it.")


@dataclass(frozen=True, kw_only=True)
class ButtonSettings:
    """A push button: a short press snoozes or acknowledges, a long one (1 s) holds or ends it."""

    pin: Number | None = pin(None, "The button's BCM pin; its other wire goes to ground.")


@dataclass(frozen=True, kw_only=True)
class LedSettings:
    """A lamp that is lit while it is time to move."""

    pin: Number | None = pin(None, "The LED's BCM pin.")


@dataclass(frozen=True, kw_only=True)
class HomeAssistantSettings:
    """The chair as a device in Home Assistant."""

    discovery: bool = setting(True, "Whether Home Assistant is told of the chair.")
    discovery_prefix: Annotated[str, After(is_a_topic)] = setting(
        "homeassistant", "Where Home Assistant looks for devices; its MQTT options name it."
    )
    birth_topic: Annotated[str, After(is_a_topic)] = setting(
        "homeassistant/status", "Where Home Assistant says that it is there."
    )
    area: str | None = setting(
        None, "The room that Home Assistant puts the chair in at first.", min_length=1
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a chair; ``unsit.settings.load`` reads and validates them.

    Raises ValueError for two things on one pin, and for settings that contradict each other.
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

    def __post_init__(self) -> None:
        self.mqtt.check()
        used: dict[int, str] = {}
        for key, number in self._pins().items():
            if number in used:
                raise ValueError(
                    f"{used[number]} and {key} are both {number}; each needs its own pin"
                )
            used[number] = key

        self._check_volumes()

    def _check_volumes(self) -> None:
        if self.buzzer.kind == "passive":
            return
        ladder = parse_ladder(self.reminders.ladder)
        if self.buzzer.volume != 100 or any(rung.volume is not None for rung in ladder):
            raise ValueError(
                f"a volume needs buzzer.kind = passive; a buzzer that is {self.buzzer.kind} has "
                "none to choose"
            )

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

    def week(self) -> Week:
        """The working week, with its softer part of the day."""
        softer = self.reminders.softer_from
        if softer is None:
            return self.hours.week()
        return replace(self.hours.week(), softer_from=parse_time(softer))

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
            snooze_shrink=self.reminders.snooze_shrink,
            daily_snoozes=self.reminders.daily_snoozes,
            ladder=parse_ladder(self.reminders.ladder),
            softer=Tone(self.reminders.softer_pattern),
            daily_limit=self.sitting.daily_limit,
            credit=self.sitting.credit,
            back_too_soon=self.reminders.back_too_soon,
            warn_before=self.reminders.warn_before,
            longest_hold=self.hold.longest,
        )
