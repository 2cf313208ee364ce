"""Every setting: its default, its range and what it is for.

The description of a field is its documentation; ``unsit config`` and the reference in
service/README.md show it.
"""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from unsit.core.rules import Rules
from unsit.settings.duration import Duration
from unsit.settings.identity import machine_chair_id


def _no_bool(value: Any) -> Any:
    """Python takes true for 1; a person who wrote it meant something else."""
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004  # pydantic reports ValueErrors
    return value


Pin = Annotated[int, Field(ge=0, le=27), BeforeValidator(_no_bool)]
"""A BCM number on the 40-pin header."""

PatternName = Literal["tick", "short", "double", "triple", "long", "rising", "insistent"]

_RULES = Rules()


class Section(BaseModel):
    """A group of settings; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _duration(default: timedelta, least: timedelta, most: timedelta, description: str) -> Duration:
    field: Duration = Field(default=default, ge=least, le=most, description=description)
    return field


SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class ChairSettings(Section):
    """Which chair this is."""

    id: str = Field(
        default_factory=machine_chair_id,
        description="Names the chair in topics and events: lower-case letters, digits, - and _. "
        "By default derived from the machine, so that two never collide.",
    )
    name: str = Field(default="Chair", min_length=1, max_length=64, description="What people read.")

    @field_validator("id")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
            raise ValueError(
                "expected 1 to 63 lower-case letters, digits, - or _, a letter or digit first"
            )
        return name


class SeatSettings(Section):
    """The sensor under the cushion."""

    kind: Literal["mat"] = Field(default="mat", description="A pressure mat is the one kind yet.")
    pin: Pin = Field(default=17, description="The mat's BCM pin; its other wire goes to ground.")
    normally_closed: bool = Field(
        default=False, description="true for a mat whose contact opens under weight."
    )
    sit_dwell: Duration = _duration(
        _RULES.sit_dwell, 0 * SECOND, MINUTE, "How long weight must hold to count as sitting."
    )
    stand_dwell: Duration = _duration(
        _RULES.stand_dwell, 0 * SECOND, MINUTE, "How long it must be gone to count as standing."
    )
    reread_every: Duration = _duration(
        MINUTE, SECOND, HOUR, "How often the pin is read again, to find a lost edge."
    )


class SittingSettings(Section):
    """When it is time to move, and what counts as a break."""

    move_after: Duration = _duration(
        _RULES.move_after,
        SECOND,
        24 * HOUR,
        "How long a bout may last. 30 minutes is what the literature calls prolonged sitting.",
    )
    min_break: Duration = _duration(
        _RULES.min_break,
        SECOND,
        24 * HOUR,
        "Time off the seat that counts as a break. 2 minutes is the shortest dose with a "
        "measured effect (every 20 minutes; Dunstan 2012).",
    )


class RemindersSettings(Section):
    """How often to remind, and when to leave a person alone."""

    repeat_every: Duration = _duration(
        _RULES.repeat_every, SECOND, 24 * HOUR, "The time between reminders."
    )
    max_reminders: int = Field(
        default=_RULES.max_reminders, ge=1, le=100, description="How many a bout gets."
    )
    snooze_for: Duration = _duration(
        _RULES.snooze_for, SECOND, 24 * HOUR, "How far a snooze puts the next reminder off."
    )
    max_snoozes: int = Field(
        default=_RULES.max_snoozes, ge=0, le=100, description="How many snoozes a bout gets."
    )


class BuzzerSettings(Section):
    """What sounds."""

    kind: Literal["active", "passive", "none"] = Field(
        default="active",
        description="active: has its own tone; passive: a bare piezo disc; none: no buzzer.",
    )
    pin: Pin = Field(default=18, description="The buzzer's BCM pin.")
    active_high: bool = Field(
        default=True, description="false for an active module that sounds on a low pin."
    )
    pattern: PatternName = Field(default="triple", description="What a reminder sounds like.")


class ButtonSettings(Section):
    """A push button: a short press snoozes, a long one (1 s) holds or ends a hold."""

    pin: Pin | None = Field(
        default=None, description="The button's BCM pin; its other wire goes to ground."
    )


class LedSettings(Section):
    """A lamp that is lit while it is time to move."""

    pin: Pin | None = Field(default=None, description="The LED's BCM pin.")


class MqttSettings(Section):
    """The broker."""

    host: str = Field(
        default="localhost",
        min_length=1,
        description="The broker's name or address; none for a chair without a broker.",
    )
    port: int = Field(default=1883, ge=1, le=65535, description="The broker's port.")
    version: Literal["5", "3.1.1"] = Field(default="5", description="The version of MQTT.")
    username: str | None = Field(default=None, description="Who to log in as.")
    password_file: str | None = Field(
        default=None, description="The file whose first line is the password."
    )
    prefix: str = Field(
        default="unsit", description="The topics begin with this and a slash, then chair.id."
    )
    keepalive: Duration = _duration(
        MINUTE, 5 * SECOND, HOUR, "After 1.5 times this without a sign of life a side is dead."
    )
    heartbeat: Duration = _duration(
        MINUTE, SECOND, HOUR, "The state is sent at least this often while somebody sits."
    )
    fresh_for: Duration = _duration(
        MINUTE, SECOND, HOUR, "An older event goes to the log topic only."
    )

    @field_validator("host")
    @classmethod
    def _is_a_host(cls, host: str) -> str:
        try:
            host.encode("idna")
        except UnicodeError:
            raise ValueError("expected a host name or an address, or none") from None
        return host

    @field_validator("prefix")
    @classmethod
    def _is_a_topic(cls, prefix: str) -> str:
        if not prefix or set(prefix) & set("+#\0") or prefix.strip("/") != prefix:
            raise ValueError("expected a topic without +, # and without a slash at either end")
        return prefix


class Settings(BaseSettings):
    """All settings of a chair; ``unsit.settings.load`` reads them."""

    model_config = SettingsConfigDict(
        env_prefix="UNSIT_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    chair: ChairSettings = Field(default_factory=ChairSettings)
    seat: SeatSettings = SeatSettings()
    sitting: SittingSettings = SittingSettings()
    reminders: RemindersSettings = RemindersSettings()
    buzzer: BuzzerSettings = BuzzerSettings()
    button: ButtonSettings = ButtonSettings()
    led: LedSettings = LedSettings()
    mqtt: MqttSettings = MqttSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Takes what it is given and nothing else: the layers were merged by ``load``."""
        return (init_settings,)

    @model_validator(mode="after")
    def _pins_differ(self) -> Self:
        used: dict[int, str] = {}
        for key, pin in self._pins().items():
            if pin in used:
                raise ValueError(f"{used[pin]} and {key} are both {pin}; each needs its own pin")
            used[pin] = key
        return self

    def _pins(self) -> dict[str, int]:
        buzzer = None if self.buzzer.kind == "none" else self.buzzer.pin
        pins = {
            "seat.pin": self.seat.pin,
            "buzzer.pin": buzzer,
            "button.pin": self.button.pin,
            "led.pin": self.led.pin,
        }
        return {key: pin for key, pin in pins.items() if pin is not None}

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
