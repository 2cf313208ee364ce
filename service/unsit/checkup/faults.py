"""Every fault that a check can name, with its usual mend and what the command then ends with."""

from dataclasses import dataclass
from enum import Enum, unique
from typing import Literal

ABSENT, NOT_ALLOWED, BAD_SETTINGS = 69, 77, 78
"""Exit codes, as ``unsit.cli.exits`` has them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault is. meaning: for the reference. mend: the command, or the setting to change."""

    verdict: Literal["warn", "fail"]
    meaning: str
    mend: str
    code: int = ABSENT


@unique
class Fault(Enum):
    """The faults, by the names that ``unsit check --json`` gives them."""

    # Settings
    SETTINGS_BAD = Kind(
        "fail", "a setting is unknown or out of range", "correct that setting", BAD_SETTINGS
    )
    SECRET_UNREADABLE = Kind(
        "fail",
        "the password, a certificate or a key is not there, empty or closed to this user",
        "put the password on its first line and let the service read it: "
        "sudo chgrp gpio FILE && sudo chmod 640 FILE",
        BAD_SETTINGS,
    )
    SECRET_OPEN = Kind(
        "warn", "every user can read the password or the key", "sudo chmod o-rwx FILE"
    )

    # The board and what runs on it
    NO_PI = Kind(
        "warn",
        "this is no Raspberry Pi",
        "run it on one, or name the chip: GPIOZERO_GPIOD_CHIP=/dev/gpiochip0",
    )
    OLD_KERNEL = Kind(
        "fail",
        "the kernel is older than 5.10 and has no line requests",
        "update the system: sudo apt full-upgrade",
    )
    UNDERVOLTAGE = Kind(
        "warn",
        "the supply was too weak since the start",
        "use a supply of 5 V and 2.5 A (5 A for a Pi 5) and a short cable",
    )
    PYTHON_OLD = Kind(
        "fail",
        "Python is older than 3.11",
        "make the environment anew with a newer one: python3.11 -m venv",
    )
    PYTHON_NEW = Kind(
        "warn", "Python is newer than what unsit is tested on", "use 3.11 to 3.14 if it fails"
    )
    LIBRARY_MISSING = Kind(
        "fail",
        "a library that is needed is not installed",
        "install it into the environment of unsit: pip install",
    )
    LIBRARY_OLD = Kind(
        "fail",
        "a library is older than what unsit needs, such as Debian's gpiod 1.6",
        "upgrade it in the environment of unsit: pip install --upgrade",
    )
    CLOCK_UNSYNCHRONISED = Kind(
        "warn",
        "nothing sets the clock: dates of events are wrong, durations are not",
        "sudo timedatectl set-ntp true",
    )

    # Pins
    NO_CHIP = Kind(
        "fail", "there is no GPIO chip that can be used", "run it on a Raspberry Pi, see the reason"
    )
    NOT_IN_GROUP = Kind(
        "fail",
        "this user may not open the pins or a bus",
        "sudo usermod -aG gpio,spi,i2c $USER, then log in again",
        NOT_ALLOWED,
    )
    BACK_END_RESTLESS = Kind(
        "warn",
        "lgpio drives the pins, because gpiod cannot: it wakes up 1,640 times a second",
        "pip install gpiod",
    )
    PIN_HELD = Kind(
        "fail",
        "another program or a driver holds a pin",
        "end it, or choose another pin",
    )
    TWO_ON_PIN = Kind(
        "fail",
        "another unsit holds a pin of this chair",
        "give each chair its own pins, or stop the other one",
    )
    PIN_UNUSABLE = Kind("fail", "a pin cannot be used", "choose another pin")
    PIN_OF_BUS = Kind(
        "warn",
        "a pin belongs to a bus that is switched on",
        "choose another pin, or switch the bus off",
    )
    NO_PULL = Kind(
        "fail",
        "a pin does not follow its pull: a resistor or a wire to 3.3 V holds it",
        "take that away, or choose another pin",
    )
    PIN_FLOATING = Kind(
        "warn",
        "a pin changes by itself",
        "look at the joints of the cable; put 1 kohm and 100 nF at the pin",
    )

    # With --guided
    SEAT_DEAD = Kind(
        "fail", "nothing changes at any pin when you sit", "measure the mat as in hardware/build.md"
    )
    SEAT_ELSEWHERE = Kind("fail", "the mat is at another pin", "seat.pin = what answered")
    SEAT_INVERTED = Kind("fail", "the mat is read the wrong way round", "seat.normally_closed")
    BUZZER_SILENT = Kind(
        "fail", "nobody hears the buzzer", "measure its supply and its wire as in hardware/build.md"
    )
    BUZZER_OTHER_KIND = Kind("fail", "the buzzer is of another kind", "buzzer.kind")
    BUTTON_DEAD = Kind("fail", "nothing changes when the button is pressed", "look at its wires")
    LED_DARK = Kind("fail", "nobody sees the LED", "turn it round; look at its resistor")
    CELLS_STIFF = Kind(
        "fail",
        "the load cells do not feel who sits down",
        "look whether the seat rests on them alone; then: unsit calibrate",
    )

    # Load cells
    SPI_OFF = Kind(
        "fail", "SPI is switched off", "sudo raspi-config nonint do_spi 0, then restart the Pi"
    )
    I2C_OFF = Kind(
        "fail", "I2C is switched off", "sudo raspi-config nonint do_i2c 0, then restart the Pi"
    )
    CELLS_ABSENT = Kind(
        "fail", "a converter cannot be opened", "see the reason; load_cell.converter, load_cell.at"
    )
    CELLS_SILENT = Kind(
        "fail", "a converter gives no conversion", "look at its supply, data and clock wires"
    )
    CELLS_SATURATED = Kind(
        "fail",
        "a converter is at the end of its range",
        "look for a broken or swapped wire of the bridge; else a smaller load_cell.gain",
    )
    CELLS_SHORTED = Kind(
        "fail", "the data wire stays low", "look for a short of the data wire to ground"
    )
    CELLS_CORRUPTED = Kind(
        "fail",
        "all readings of a converter are refused",
        "shorten the wires; nothing else may be on the bus; better SPI than pins",
    )
    CELLS_NOISY = Kind(
        "warn",
        "the readings scatter by 0.3 kg or more",
        "let nothing move on the seat; shield the cells' wires, keep them from the mains",
    )
    CELLS_UNCALIBRATED = Kind("warn", "the cells were never calibrated", "unsit calibrate")
    CALIBRATION_BAD = Kind(
        "fail",
        "the calibration cannot be read, or is of other cells",
        "unsit calibrate",
        BAD_SETTINGS,
    )

    # The broker
    BROKER_UNKNOWN = Kind(
        "fail", "the broker's name is known to nobody", "mqtt.host: its name or address"
    )
    BROKER_DOWN = Kind(
        "fail",
        "nothing answers at the broker's address",
        "start it (sudo systemctl start mosquitto); for other machines mosquitto needs a line "
        "listener 1883; else mqtt.host, mqtt.port",
    )
    BROKER_MUTE = Kind(
        "fail", "what answers there is no MQTT broker", "mqtt.port: 1883, or 8883 with mqtt.tls"
    )
    CERTIFICATE_BAD = Kind(
        "fail",
        "the broker's certificate, or the chair's, is not believed",
        "mqtt.tls_ca_file, mqtt.host, mqtt.tls_certificate_file, as it says",
    )
    CERTIFICATE_UNCHECKED = Kind(
        "warn", "nobody looks at the broker's certificate", "mqtt.tls_verify = true"
    )
    BROKER_OLD = Kind(
        "fail", "the broker does not speak this version of MQTT", 'mqtt.version = "3.1.1"'
    )
    LOGIN_REFUSED = Kind(
        "fail",
        "the broker refuses the user or the password",
        "mqtt.username, mqtt.password_file",
        NOT_ALLOWED,
    )
    PUBLISH_REFUSED = Kind(
        "fail",
        "the broker's access list forbids the chair its topics",
        "let the user write and read them in the broker's acl_file, as in "
        "systemd/mosquitto/unsit.acl",
        NOT_ALLOWED,
    )
    NOT_RETAINED = Kind(
        "fail", "the broker keeps no retained messages", "retain_available true in mosquitto.conf"
    )

    # Home Assistant
    NOT_ANNOUNCED = Kind(
        "warn", "the chair was not announced to Home Assistant yet", "sudo systemctl start unsit"
    )
    ANNOUNCED_ELSEWHERE = Kind(
        "warn", "the chair is announced under another prefix as well", "unsit forget, then restart"
    )
    OTHER_VERSION = Kind(
        "warn",
        "the announcement is of another version of unsit",
        "sudo systemctl restart unsit",
    )
    HOME_ABSENT = Kind(
        "warn",
        "nobody listens to announcements: Home Assistant is not at this broker",
        "add the MQTT integration there, with this broker",
    )
    OTHER_PREFIX = Kind(
        "warn",
        "other devices are announced under another prefix",
        "homeassistant.discovery_prefix and homeassistant.birth_topic",
    )

    # The state on disk
    STATE_CLOSED = Kind(
        "warn", "this user may not look at the state", "run the check with sudo", NOT_ALLOWED
    )
    STATE_READ_ONLY = Kind(
        "fail",
        "the directory of state cannot be written",
        "mount it writable, or choose another: --state-dir",
        NOT_ALLOWED,
    )
    DISK_FULL = Kind("fail", "no space is left for the state", "sudo apt clean; delete files")
    DISK_LOW = Kind("warn", "less than 50 MB are free for the state", "sudo apt clean")
    STATE_CORRUPT = Kind(
        "fail",
        "a file of state is damaged",
        "sudo systemctl restart unsit, which takes over what can be read of it",
    )
    STATE_NEWER = Kind(
        "fail",
        "a newer unsit wrote the state, and this one will not touch it",
        "install that version again, or move the file away",
    )
    STATE_SALVAGED = Kind(
        "warn",
        "a file of state was damaged and has been put aside",
        "look for a weak supply or a worn-out card; delete it when you miss nothing",
    )
    NOTHING_KEPT = Kind(
        "warn",
        "the service cannot write its state just now, and keeps it in memory",
        "see the lines on the state; it tries again by itself",
    )

    # The unit
    UNIT_MISSING = Kind("warn", "there is no unit: nothing runs at boot", "sudo systemd/install")
    UNIT_MASKED = Kind("fail", "the unit is masked", "sudo systemctl unmask unsit")
    UNIT_FAILED = Kind(
        "fail",
        "the unit has failed",
        "journalctl -u unsit -n 50; then sudo systemctl restart unsit",
    )
    UNIT_STOPPED = Kind("warn", "the unit does not run", "sudo systemctl start unsit")
    UNIT_DISABLED = Kind("warn", "the unit does not start at boot", "sudo systemctl enable unsit")
    UNIT_WEAKENED = Kind(
        "warn",
        "the unit's protection was taken away",
        "sudo systemctl revert unsit, or take that line out of the drop-in",
    )
    UNIT_WITHOUT_BUS = Kind(
        "fail",
        "the unit may not open the bus of the load cells",
        "sudo systemctl edit unsit: SupplementaryGroups= and DeviceAllow=",
        NOT_ALLOWED,
    )
