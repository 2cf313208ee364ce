"""Findings of a check, and the faults that they name.

A finding prints as one line: verdict, subject, observation; then the fix of a fault.

    fail  seat.pin       GPIO17 is held by python blink.py (pid 812); stop it, or use another pin
"""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import Enum, unique
from itertools import islice
from typing import Any, Literal

from unsit.errors import printable

ABSENT, NOT_ALLOWED, BAD_SETTINGS = os.EX_UNAVAILABLE, os.EX_NOPERM, os.EX_CONFIG
"""Exit codes of ``unsit check``."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Verdict, meaning and fix of a fault.

    meaning: text for the reference table. fix: the command to run, or the setting to change.
    code: exit code of the command if the verdict is ``fail``.
    """

    verdict: Literal["warn", "fail"]
    meaning: str
    fix: str
    code: int = ABSENT


@unique
class Fault(Enum):
    """Every fault; ``unsit check --json`` uses the names in lower case."""

    # Settings
    SETTINGS_BAD = Kind(
        "fail", "a setting is unknown or out of range", "correct the setting", BAD_SETTINGS
    )
    SECRET_UNREADABLE = Kind(
        "fail",
        "the password, a certificate or a key is missing, empty or not readable by this user",
        "put the password on line 1 of the file, then sudo chgrp gpio FILE && sudo chmod 640 FILE; "
        "certificates and keys in PEM form there",
        BAD_SETTINGS,
    )
    SECRET_OPEN = Kind(
        "warn", "every user can read the password or the key", "sudo chmod o-rwx FILE"
    )
    PASSWORD_PLAIN = Kind(
        "warn",
        "the password goes over the network without TLS, where others can read it",
        "mqtt.tls = true and mqtt.port = 8883, if the broker has a certificate",
    )
    SETTINGS_CLOSED = Kind(
        "fail",
        "the service's user is not allowed to read a file that the settings name, or the settings",
        "sudo chmod o+r FILE, or o+x of its directory",
        BAD_SETTINGS,
    )
    SECRET_CLOSED = Kind(
        "fail",
        "the service's user is not allowed to read the password, a certificate or a key",
        "sudo chgrp gpio FILE && sudo chmod g+r FILE",
        BAD_SETTINGS,
    )
    HIDDEN_FROM_UNIT = Kind(
        "fail",
        "the unit hides a file from the service: /home by ProtectHome=, /tmp by PrivateTmp=",
        "move it to /etc/unsit, and change the setting",
        BAD_SETTINGS,
    )
    CHANGED_BY_COMMAND = Kind(
        "warn",
        "a client has changed a setting over MQTT, and the change outlasts restarts",
        "unsit config --reset KEY",
    )

    # The board and what runs on it
    NO_PI = Kind(
        "warn",
        "this machine is no Raspberry Pi",
        "run unsit on one, or name the chip: GPIOZERO_GPIOD_CHIP=/dev/gpiochip0",
    )
    OLD_KERNEL = Kind(
        "fail",
        "the kernel is older than 5.10 and has no line requests",
        "update the system: sudo apt update && sudo apt full-upgrade, then sudo reboot",
    )
    UNDERVOLTAGE = Kind(
        "warn",
        "the supply voltage was too low since the start",
        "use a supply of 5 V and 2.5 A (5 A for a Pi 5) and a short cable, then sudo reboot",
    )
    TOO_HOT = Kind(
        "warn",
        "the board is, or was, slowed down by its own heat",
        "give it air, and a heat sink, then sudo reboot",
    )
    PYTHON_OLD = Kind(
        "fail",
        "Python is older than 3.11",
        "create the environment again with a newer version: python3.11 -m venv",
    )
    PYTHON_NEW = Kind(
        "warn",
        "Python is newer than the versions unsit is tested with",
        "if unsit fails, use 3.11 to 3.14",
    )
    LIBRARY_MISSING = Kind(
        "fail",
        "a required library is not installed",
        "install it for the interpreter of unsit: "
        "sudo /opt/unsit/bin/python -m pip install LIBRARY",
    )
    LIBRARY_OLD = Kind(
        "fail",
        "a library is older than the version unsit needs, such as Debian's gpiod 1.6",
        "upgrade it for the interpreter of unsit: "
        "sudo /opt/unsit/bin/python -m pip install --upgrade LIBRARY",
    )
    CLOCK_OFF = Kind(
        "warn",
        "nothing sets the clock: the dates of events are wrong, durations are right",
        "sudo timedatectl set-ntp true",
    )
    CLOCK_UNSERVED = Kind(
        "warn",
        "no program that sets the clock is installed",
        "sudo apt update && sudo apt install systemd-timesyncd",
    )
    CLOCK_UNSYNCHRONISED = Kind(
        "warn",
        "the clock is not synchronised, although a program is there to set it",
        "let this machine reach a time server (UDP port 123); timedatectl timesync-status",
    )
    CLOCK_BEHIND = Kind(
        "warn",
        "the clock is earlier than the state: the dates of events are wrong until it is set",
        "sudo timedatectl set-ntp true, or sudo date --set=",
    )
    ZONE_MISSING = Kind(
        "warn",
        "the data of the machine's time zone are not installed, and its clock shows UTC",
        "sudo apt update && sudo apt install tzdata, and tzdata-legacy for an old name of a zone",
    )
    MACHINE_SLEPT = Kind(
        "warn",
        "this machine was suspended, and a sleeping machine reminds nobody",
        "sudo systemctl mask sleep.target suspend.target hibernate.target",
    )

    # Pins
    NO_CHIP = Kind(
        "fail", "there is no usable GPIO chip", "run unsit on a Raspberry Pi; see the reason"
    )
    NOT_IN_GROUP = Kind(
        "fail",
        "this user is not allowed to open the pins or a bus",
        "sudo usermod -aG gpio,spi,i2c $USER, then log in again",
        NOT_ALLOWED,
    )
    BACK_END_RESTLESS = Kind(
        "warn",
        "gpiod does not work, and lgpio drives the pins: it wakes up 1,640 times a second",
        "sudo /opt/unsit/bin/python -m pip install --upgrade gpiod",
    )
    PIN_HELD = Kind(
        "fail",
        "another program or a driver holds a pin",
        "stop it, or use another pin",
    )
    TWO_ON_PIN = Kind(
        "fail",
        "another unsit holds a pin of this chair",
        "give each chair pins of its own, or stop the other chair",
    )
    PIN_UNUSABLE = Kind("fail", "a pin cannot be used", "use another pin")
    PIN_OF_BUS = Kind(
        "warn",
        "a pin belongs to a bus that is switched on",
        "use another pin, or switch the bus off",
    )
    NO_PULL = Kind(
        "fail",
        "a pin does not follow its pull resistor: a resistor or a wire to 3.3 V holds it high",
        "remove that, or use another pin",
    )
    PIN_FLOATING = Kind(
        "warn",
        "the level of a pin changes by itself",
        "check the joints of the cable; add 1 kohm and 100 nF at the pin",
    )

    # With --guided
    SEAT_DEAD = Kind(
        "fail", "no pin changes when you sit down", "measure the mat as in hardware/build.md"
    )
    SEAT_ELSEWHERE = Kind(
        "fail", "the mat is at another pin", "set seat.pin to the pin that changed"
    )
    SEAT_INVERTED = Kind(
        "fail", "the mat is read the wrong way round", "change seat.normally_closed"
    )
    BUZZER_SILENT = Kind(
        "fail", "the buzzer is not heard", "measure its supply and its wire as in hardware/build.md"
    )
    BUZZER_OTHER_KIND = Kind("fail", "the buzzer is of another kind", "change buzzer.kind")
    BUTTON_DEAD = Kind(
        "fail", "the pin does not change when the button is pressed", "check its wires"
    )
    LED_DARK = Kind("fail", "the LED is not seen", "turn it round; check its resistor")
    CELLS_STIFF = Kind(
        "fail",
        "the load on the cells does not change when you sit down",
        "let the seat rest on the cells alone, then unsit calibrate",
    )

    # Load cells
    SPI_OFF = Kind(
        "fail", "SPI is switched off", "sudo raspi-config nonint do_spi 0, then sudo reboot"
    )
    I2C_OFF = Kind(
        "fail", "I2C is switched off", "sudo raspi-config nonint do_i2c 0, then sudo reboot"
    )
    SPI_SECOND_OFF = Kind(
        "fail",
        "a second SPI bus, such as /dev/spidev1.0, is switched off",
        "dtoverlay=spi1-1cs,cs0_pin=16 in config.txt, then sudo reboot",
    )
    I2C_SECOND_OFF = Kind(
        "fail",
        "a second I2C bus, such as /dev/i2c-3, is switched off",
        "dtoverlay=i2c-gpio,bus=3 in config.txt, then sudo reboot",
    )
    I2C_WITHOUT_DEVICE = Kind(
        "fail",
        "the I2C bus is switched on, and its module i2c-dev is not loaded",
        "sudo modprobe i2c-dev, and its name in /etc/modules-load.d",
    )
    BUS_WAITS = Kind(
        "fail",
        "config.txt switches the bus on, and the Pi was not restarted since then",
        "sudo reboot",
    )
    CELLS_ABSENT = Kind(
        "fail",
        "a converter cannot be opened",
        "see the reason; check load_cell.converter and load_cell.at",
    )
    CELLS_SILENT = Kind(
        "fail", "a converter gives no reading", "check its supply, data and clock wires"
    )
    CELLS_SATURATED = Kind(
        "fail",
        "a converter is at the end of its range",
        "look for a broken or swapped wire of the bridge; else set a smaller load_cell.gain",
    )
    CELLS_SHORTED = Kind(
        "fail", "the data wire stays low", "look for a short of the data wire to ground"
    )
    CELLS_CORRUPTED = Kind(
        "fail",
        "all readings of a converter are refused",
        "shorten the wires; put nothing else on the bus; prefer SPI to pins",
    )
    CELLS_NOISY = Kind(
        "warn",
        "the readings scatter by 0.3 kg or more",
        "keep the seat still; shield the cells' wires and keep them away from mains cables",
    )
    CELLS_UNCALIBRATED = Kind("warn", "the cells were never calibrated", "unsit calibrate")
    CELLS_UNEVEN = Kind(
        "fail",
        "a known weight reads differently at the corners of the seat",
        "do what the line says, then unsit calibrate",
    )
    CALIBRATION_BAD = Kind(
        "fail",
        "the calibration cannot be read, or belongs to other cells",
        "unsit calibrate",
        BAD_SETTINGS,
    )

    # The broker
    BROKER_UNKNOWN = Kind(
        "fail", "the broker's name cannot be resolved", "set mqtt.host to its name or address"
    )
    NAMES_UNANSWERED = Kind(
        "fail",
        "no name server answers: this machine has no network, or no server for names",
        "connect this machine to the network; resolvectl status",
    )
    NETWORK_DOWN = Kind(
        "fail",
        "this machine has no network, or no way to the broker's",
        "connect it to the network: nmcli device",
    )
    BROKER_UNREACHABLE = Kind(
        "fail",
        "the broker's machine does not answer at all: it is off, elsewhere, or has a firewall",
        "switch it on, let its firewall pass the port, or correct mqtt.host",
    )
    BROKER_DOWN = Kind(
        "fail",
        "the broker's machine answers, and nothing listens at the port",
        "start it (sudo systemctl start mosquitto); to serve other machines mosquitto needs the "
        "lines listener 1883 and password_file FILE; else check mqtt.host and mqtt.port",
    )
    BROKER_MUTE = Kind(
        "fail",
        "the program at that port is no MQTT broker",
        "set mqtt.port to 1883, or to 8883 with mqtt.tls = true",
    )
    BROKER_SPEAKS_TLS = Kind(
        "fail",
        "the broker speaks TLS at that port, and mqtt.tls is false",
        "mqtt.tls = true",
    )
    BROKER_SPEAKS_HTTP = Kind(
        "fail",
        "a web server or a broker's WebSocket listener is at that port",
        "mqtt.port = 1883",
    )
    TLS_ABSENT = Kind(
        "fail",
        "mqtt.tls is true, and the server at that port speaks no TLS",
        "mqtt.port = 8883, or mqtt.tls = false",
    )
    CERTIFICATE_EXPIRED = Kind(
        "fail",
        "the broker's certificate has expired",
        "renew it on the broker, or set this machine's clock",
    )
    CERTIFICATE_EARLY = Kind(
        "fail",
        "the broker's certificate is not valid yet: this machine's clock is behind",
        "set this machine's clock: sudo timedatectl set-ntp true",
    )
    CERTIFICATE_NAME = Kind(
        "fail",
        "the broker's certificate is for another name or address",
        "set mqtt.host to the name in it",
    )
    CERTIFICATE_WANTED = Kind(
        "fail",
        "the broker asks for a certificate of the chair, or does not accept the one it has",
        "set mqtt.tls_certificate_file and mqtt.tls_key_file",
    )
    CERTIFICATE_BAD = Kind(
        "fail",
        "nobody whom this machine trusts has signed the broker's certificate",
        "name the authority that signed it in mqtt.tls_ca_file",
    )
    CERTIFICATE_UNCHECKED = Kind(
        "warn", "the broker's certificate is not verified", "mqtt.tls_verify = true"
    )
    BROKER_OLD = Kind(
        "fail", "the broker does not speak this version of MQTT", 'mqtt.version = "3.1.1"'
    )
    LOGIN_MISSING = Kind(
        "fail",
        "the broker lets nobody in without a user or a password, and the chair has none",
        "set mqtt.username and mqtt.password_file",
        NOT_ALLOWED,
    )
    LOGIN_REFUSED = Kind(
        "fail",
        "the broker refuses the user or the password",
        "check mqtt.username and mqtt.password_file",
        NOT_ALLOWED,
    )
    CLIENT_ID_REFUSED = Kind(
        "fail",
        "the broker does not accept the client id",
        "set another chair.id or mqtt.prefix, or allow the id in the broker's settings",
        NOT_ALLOWED,
    )
    BROKER_BUSY = Kind(
        "fail",
        "the broker takes no connection at present",
        "see the broker's log and its limit of connections; the service tries again by itself",
    )
    BROKER_ELSEWHERE = Kind(
        "fail",
        "the broker sends the chair to another server",
        "set mqtt.host to that server",
    )
    BROKER_REFUSES = Kind(
        "fail",
        "the broker refuses the connection for another reason",
        "see the reason, and the broker's log",
    )
    BROKER_SLOW = Kind(
        "warn",
        "the broker takes more than a second to acknowledge a message",
        "often the Wi-Fi's power saving: sudo iw dev wlan0 set power_save off; the next start "
        "switches it on again",
    )
    PUBLISH_REFUSED = Kind(
        "fail",
        "the broker's access list does not allow the chair to use its topics",
        "allow the user to read and write them in the broker's acl_file, as in "
        "systemd/mosquitto/unsit.acl; then sudo systemctl reload mosquitto",
        NOT_ALLOWED,
    )
    NOT_RETAINED = Kind(
        "fail",
        "the broker keeps no retained messages",
        "set retain_available true in mosquitto.conf, then sudo systemctl restart mosquitto",
    )
    SUBSCRIBE_REFUSED = Kind(
        "fail",
        "the broker refuses a subscription of the chair: its commands or holds do not arrive",
        "allow the user to read these topics in the broker's acl_file, as in "
        "systemd/mosquitto/unsit.acl; then sudo systemctl reload mosquitto",
        NOT_ALLOWED,
    )
    BROKER_LIMITED = Kind(
        "warn",
        "the broker does not grant all that the chair uses; the chair keeps to the limit",
        "raise the limit in the broker's settings, if you can",
    )
    REFUSED_NOW = Kind(
        "warn",
        "the running service reports what the broker refuses",
        "see the reason, and service/messages.md on the key refused",
    )

    ID_TAKEN = Kind(
        "warn",
        "another client has the chair's id, and the broker disconnects one for the other",
        "give each chair a chair.id of its own",
    )
    ID_IN_USE = Kind(
        "warn",
        "the chair is online, and its service does not run here: another machine has its id",
        "give each chair a chair.id of its own",
    )
    MESSAGE_SPOILT = Kind(
        "warn",
        "a retained message on a topic of the chair is not the chair's: too large, or no such JSON",
        "sudo systemctl restart unsit, which sends it again; keep other clients from the topic",
    )
    COMMAND_RETAINED = Kind(
        "warn",
        "a retained command is refused with every connection",
        "clear it: mosquitto_pub --retain --null-message --topic TOPIC",
    )
    HOLD_UNREADABLE = Kind(
        "warn",
        "the retained message of a hold topic cannot be read, and holds nothing",
        "clear it: mosquitto_pub --retain --null-message --topic TOPIC",
    )
    MESSAGES_UNSEEN = Kind(
        "warn",
        "the broker does not show what it retains on a topic of the chair",
        "allow the user to read the topic in the broker's acl_file; then sudo systemctl reload "
        "mosquitto",
    )
    SENSOR_AT_FAULT = Kind(
        "fail",
        "the running service reports that its sensor is at fault: it reminds nobody",
        "see the reason; service/state-and-restarts.md lists them",
    )
    OFFLINE_THOUGH_RUNNING = Kind(
        "fail",
        "the service runs, and the broker has it as offline",
        "journalctl -u unsit -n 50 names the reason",
    )
    EVENTS_LOST = Kind(
        "warn",
        "the outbox was full, and the oldest events were dropped",
        "let the chair reach its broker; the count begins again with a restart of the service",
    )

    # Home Assistant
    NOT_ANNOUNCED = Kind(
        "warn",
        "the chair has not been announced to Home Assistant yet",
        "sudo systemctl restart unsit",
    )
    ANNOUNCED_ELSEWHERE = Kind(
        "warn",
        "the chair is announced under another prefix too",
        "clear it: mosquitto_pub --retain --null-message --topic TOPIC",
    )
    OTHER_VERSION = Kind(
        "warn",
        "another version of unsit made the announcement",
        "sudo systemctl restart unsit",
    )
    HOME_ABSENT = Kind(
        "warn",
        "no client listens to announcements: Home Assistant is not at this broker",
        "add the MQTT integration in Home Assistant, with this broker",
    )
    OTHER_PREFIX = Kind(
        "warn",
        "other devices are announced under another prefix",
        "check homeassistant.discovery_prefix and homeassistant.birth_topic",
    )

    # State directory
    STATE_CLOSED = Kind(
        "warn",
        "this user is not allowed to read the state directory",
        "run the check with sudo",
        NOT_ALLOWED,
    )
    STATE_READ_ONLY = Kind(
        "fail",
        "the state directory cannot be written",
        "sudo mount -o remount,rw DISK, or use another directory: --state-dir",
        NOT_ALLOWED,
    )
    STATE_FOREIGN = Kind(
        "fail",
        "a state file belongs to another user than its directory, often after sudo unsit, or "
        "cannot be written by its owner",
        "sudo chown --reference=DIRECTORY FILE, or sudo chmod u+rw FILE",
        NOT_ALLOWED,
    )
    STATE_PLANTED = Kind(
        "fail",
        "a link, a special file or a directory is in the place of a state file: the service does "
        "not make one, and root does not follow it",
        "sudo ls -l FILE; sudo rm FILE",
        NOT_ALLOWED,
    )
    CALIBRATION_CLOSED = Kind(
        "fail",
        "the service's user is not allowed to read or to replace the calibration",
        "sudo chown --reference=DIRECTORY FILE",
        NOT_ALLOWED,
    )
    HISTORY_CLOSED = Kind(
        "fail",
        "the service cannot write its history where history.path has it; events wait meanwhile",
        "leave history.path out, or let the service's user write the directory",
        NOT_ALLOWED,
    )
    STATE_REPLACED = Kind(
        "warn",
        "a file that took the place of the state file of a running service was put aside",
        "stop unsit before you restore a state file; if nothing is missing: sudo rm FILE",
    )
    STATE_UNWRITTEN = Kind(
        "warn",
        "a stop could not write the state file, and kept what was missing in a file beside it",
        "fix the lines on the state and start unsit, which takes it over",
    )
    STATE_JOURNAL = Kind(
        "warn",
        "the journal of the state file is long: another program reads the file without an end",
        "sudo fuser -v FILE; end what reads it besides unsit, then sudo systemctl restart unsit",
    )
    DISK_FULL = Kind(
        "fail", "the disk of the state directory is full", "sudo apt clean; delete files"
    )
    DISK_WITHOUT_INODES = Kind(
        "fail",
        "the disk has room, and no free inodes: it holds too many small files",
        "delete small files: sudo du --inodes --one-file-system / | sort -n | tail",
    )
    DISK_LOW = Kind("warn", "less than 50 MB are free for the state directory", "sudo apt clean")
    STATE_CORRUPT = Kind(
        "fail",
        "a state file is damaged",
        "sudo systemctl restart unsit, which recovers the readable part",
    )
    STATE_NEWER = Kind(
        "fail",
        "a newer version of unsit wrote the state file, and this version does not change it",
        "install that version again, or move the file away: sudo mv FILE FILE.newer",
    )
    STATE_SALVAGED = Kind(
        "warn",
        "a damaged state file was put aside",
        "check for a weak supply or a worn-out card; if nothing is missing: sudo rm FILE",
    )
    NOTHING_KEPT = Kind(
        "warn",
        "the service cannot write its state or its history at present, and keeps it for later",
        "see the lines on the state; the service tries again every minute",
    )

    # systemd unit
    UNIT_MISSING = Kind(
        "warn",
        "the unit is not installed: the service does not start at boot",
        "sudo systemd/install",
    )
    UNIT_MASKED = Kind("fail", "the unit is masked", "sudo systemctl unmask unsit")
    UNIT_WITH_BAD_SETTINGS = Kind(
        "fail",
        "the service ended because of its settings, and is not started again by itself",
        "journalctl -u unsit -n 20 names it; correct it, then sudo systemctl restart unsit",
        BAD_SETTINGS,
    )
    UNIT_OUT_OF_MEMORY = Kind(
        "fail",
        "the service was killed because it, or the machine, was out of memory",
        "free -h; end what needs the memory, then sudo systemctl restart unsit",
    )
    UNIT_RESTARTING = Kind(
        "warn",
        "the service was started again several times lately",
        "journalctl -u unsit -p warning -n 50 names the reason; correct it, then "
        "sudo systemctl restart unsit",
    )
    UNIT_STALE = Kind(
        "warn",
        "a file of the unit has changed, and systemd has not read it",
        "sudo systemctl daemon-reload && sudo systemctl restart unsit",
    )
    UNIT_OF_OTHER_PROGRAM = Kind(
        "warn",
        "the unit runs another installation of unsit than this one, which was checked",
        "run the check with that one",
    )
    UNIT_FAILED = Kind(
        "fail",
        "the unit has failed",
        "journalctl -u unsit -n 50; then sudo systemctl restart unsit",
    )
    UNIT_STOPPED = Kind("warn", "the unit does not run", "sudo systemctl start unsit")
    UNIT_DISABLED = Kind("warn", "the unit does not start at boot", "sudo systemctl enable unsit")
    UNIT_WEAKENED = Kind(
        "warn",
        "a protection of the unit was removed",
        "sudo systemctl revert unsit, or remove that line from the drop-in",
    )
    UNIT_SQUEEZED = Kind(
        "warn",
        "the unit has less memory, or fewer threads, than as shipped",
        "sudo systemctl revert unsit, or remove that line from the drop-in",
    )
    UNIT_WITHOUT_PINS = Kind(
        "fail",
        "the unit is not allowed to open the pins",
        "sudo systemctl edit unsit: SupplementaryGroups= and DeviceAllow=",
        NOT_ALLOWED,
    )
    UNIT_WITHOUT_NETWORK = Kind(
        "fail",
        "the unit is not allowed to use the network, so it does not reach the broker",
        "sudo systemctl revert unsit, or remove that line from the drop-in",
        NOT_ALLOWED,
    )
    UNIT_WITHOUT_BUS = Kind(
        "fail",
        "the unit is not allowed to open the bus of the load cells",
        "sudo systemctl edit unsit: SupplementaryGroups= and DeviceAllow=",
        NOT_ALLOWED,
    )


Verdict = Literal["ok", "warn", "fail"]
Findings = Iterator["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check.

    subject: the checked part, or the key of a setting. words: the observation.
    fault: name of the fault, None if there is none. fix: the remedy.
    code: exit code of the command, 0 unless the verdict is ``fail``.
    """

    verdict: Verdict
    subject: str
    words: str
    fault: str | None = None
    fix: str | None = None
    code: int = 0

    def __str__(self) -> str:
        text = self.words if self.fix is None else f"{self.words}; {self.fix}"
        return f"{self.verdict:<4}  {self.subject:<13}  {text}"

    def document(self) -> dict[str, Any]:
        """Return the finding for the JSON of a check."""
        return {key: value for key, value in asdict(self).items() if key != "code"}


WORDS_MAX_CHARACTERS = 1000
"""Characters of an observation or a fix that are shown."""

NAMED_MAX = 3
"""Findings of one kind that are shown, so that nobody can fill the screen from outside."""


def fine(subject: str, words: str) -> Finding:
    """Return a finding without a fault."""
    return Finding("ok", subject, printable(words, WORDS_MAX_CHARACTERS))


def found(fault: Fault, subject: str, words: str, fix: str | None = None) -> Finding:
    """Return a finding of a fault. fix: replaces the fault's own fix."""
    kind = fault.value
    code = kind.code if kind.verdict == "fail" else 0
    name = fault.name.lower()
    observation = printable(" ".join(words.split()), WORDS_MAX_CHARACTERS)
    remedy = printable(fix or kind.fix, WORDS_MAX_CHARACTERS)
    return Finding(kind.verdict, subject, observation, name, remedy, code)


def found_in(fault: Fault, subject: str, error: Exception | str) -> Finding:
    """Return a finding of a fault from the text of an error, which may end with its fix.

    What is expected instead is no fix: the fault's own follows it.
    """
    words, _, fix = str(error).rpartition("; ")
    if not words or fix.startswith("expected"):
        return found(fault, subject, str(error))
    return found(fault, subject, words, fix)


def first_of(findings: Findings, subject: str) -> Findings:
    """Yield the first findings of many, then how many more there are."""
    shown = list(islice(findings, NAMED_MAX))
    yield from shown
    more = sum(1 for _ in findings)
    if more:
        yield replace(shown[-1], words=f"{more} more like this", subject=subject)
