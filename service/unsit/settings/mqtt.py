"""The broker's settings."""

from dataclasses import dataclass
from typing import Annotated, Literal

from unsit.settings.duration import Duration
from unsit.settings.fields import HOUR, MINUTE, SECOND, duration, setting
from unsit.settings.passing import After

PORT, TLS_PORT = 1883, 8883
"""Where brokers listen by convention, without and with TLS."""


def _is_a_host(host: str) -> str:
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError("expected a host name or an address, or none") from None
    if set(host) & set("/@ "):
        raise ValueError(
            "expected a host name or an address alone; see mqtt.tls, mqtt.port, mqtt.username and "
            "mqtt.password_file for the rest"
        )
    return host


def is_a_topic(prefix: str) -> str:
    """The topic. Raises ValueError for what nothing can be published below."""
    if not prefix or set(prefix) & set("+#\0") or prefix.strip("/") != prefix:
        raise ValueError("expected a topic without +, # and without a slash at either end")
    return prefix


@dataclass(frozen=True, kw_only=True)
class MqttSettings:
    """The broker."""

    host: Annotated[str, After(_is_a_host)] = setting(
        "localhost",
        "The broker's name or address; none for a chair without a broker.",
        min_length=1,
    )
    port: int = setting(
        None, f"The broker's port; by default {PORT}, with TLS {TLS_PORT}.", ge=1, le=65535
    )
    version: Literal["5", "3.1.1"] = setting("5", "The version of MQTT.")
    username: str | None = setting(None, "Who to log in as.")
    password_file: str | None = setting(
        None,
        "The file whose first line is the password; by default the systemd credential "
        "mqtt-password, if there is one.",
    )
    tls: bool = setting(False, "true for a broker that speaks TLS.")
    tls_ca_file: str | None = setting(
        None,
        "The certificates (PEM) of who signed the broker's; by default those that the system "
        "trusts.",
    )
    tls_certificate_file: str | None = setting(
        None, "The chair's own certificate (PEM), for a broker that asks for one."
    )
    tls_key_file: str | None = setting(
        None, "The private key (PEM) of that certificate; by default it is in the same file."
    )
    tls_verify: bool = setting(
        True, "false to believe whoever answers to be the broker; the log then says so."
    )
    prefix: Annotated[str, After(is_a_topic)] = setting(
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

    def __post_init__(self) -> None:
        if not self._given("port"):
            object.__setattr__(self, "port", TLS_PORT if self.tls else PORT)

    def check(self) -> None:
        """Raises ValueError for settings that contradict each other."""
        given = self._given("tls_ca_file", "tls_certificate_file", "tls_key_file")
        if given and not self.tls:
            raise ValueError(f"{given[0]} is set and mqtt.tls is not true; expected both or none")
        if self.tls_key_file is not None and self.tls_certificate_file is None:
            raise ValueError("mqtt.tls_key_file is set; expected mqtt.tls_certificate_file too")
        if self.password_file is not None and self.username is None:
            raise ValueError("mqtt.password_file is set; expected mqtt.username too")

    def _given(self, *names: str) -> list[str]:
        return [f"mqtt.{name}" for name in names if getattr(self, name) is not None]
