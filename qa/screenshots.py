"""Program that takes the screenshots of homeassistant/README.md in a real Home Assistant.

    make screenshots

The whole service runs through a day on simulated pins in two minutes; the rows that Home Assistant
wrote meanwhile are then spread over that day. The bars of earlier days are invented. It needs the
rig ``rigs/homeassistant`` with a browser.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.ha_fixture import FOR_USERS, install_fixture
from support.mosquitto import LOOPBACK
from support.real_home_assistant import CHAIR, INSTALLED, RealHome
from unsit.assembly.service import Service
from unsit.assembly.simulation import pins_on, seat_on
from unsit.runtime.clock import ScaledClock
from unsit.settings.exercises import read_programme
from unsit.settings.model import ChairSettings, HomeAssistantSettings, MqttSettings, Settings
from unsit.words import languages, words_of

SPEED = 180.0
MINUTE = timedelta(minutes=1)
VERSION = "1.0.0"

BOUTS = [(22, 6), (34, 3), (31, 12), (36, 4), (28, 9), (41, 45), (33, 5), (30, 4), (32, 7), (37, 6)]
"""Minutes on the seat, and then off it; after these the person sits and is about to be due."""

SINCE_THEN = 31
"""Minutes of the bout under way when the pictures are taken."""

PAGES = {
    "dashboard": ("/chair-today/today", 1000, 1900),
    "device": ("device:Desk chair", 1500, 2600),
    "area": ("/home/areas-office", 1000, 1400),
    "more-info": ("/chair-today/today?more-info-entity-id=sensor.my_chair_bout", 900, 860),
}
"""Page, and height in pixels at a desk and on a phone."""

WIDTHS = {"desk": 1400, "phone": 400}

KEPT = {
    "dashboard-desk": "dashboard",
    "device-desk-dark": "device-dark",
    "dashboard-phone": "phone",
}
"""Pictures in the README, and their names there; the others are for a look at the rest."""


SHRINK = """
import sys
from PIL import Image
picture = Image.open(sys.argv[1]).convert("RGB").quantize(160)
picture.save(sys.argv[2], optimize=True)
"""
"""Home Assistant has Pillow."""


class Day:
    """Service in this process, and a person's day up to now."""

    def __init__(self, home: RealHome, language: str) -> None:
        minutes = sum(on + off for on, off in BOUTS) + SINCE_THEN
        self.length = minutes * MINUTE
        self.clock = ScaledClock(SPEED, datetime.now(UTC) - self.length + self.length / SPEED)
        settings = Settings(
            chair=ChairSettings(id=CHAIR, name="Desk chair", language=language),
            mqtt=MqttSettings(host=LOOPBACK, port=home.port, fresh_for=timedelta(hours=1)),
            homeassistant=HomeAssistantSettings(area="Office"),
        )
        pins = pins_on(self.clock)
        self._seat = seat_on(pins, settings)
        self._service = Service(
            settings,
            self.clock,
            pins,
            lambda _: None,
            version=VERSION,
            programme=read_programme(settings.exercises, words_of(language)),
        )
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._service.run)

    def run(self) -> None:
        """Run through the day; after its end the clock runs at normal speed."""
        at = MINUTE
        for on, off in BOUTS:
            self._at(at, True)
            self._at(at + on * MINUTE, False)
            at += (on + off) * MINUTE
        self._at(at, True)
        self._service.loop.at(self.length, self._slow_down)
        self._thread.start()
        assert self._over.wait(600), "the day does not end"

    def end(self) -> None:
        """Stop the service."""
        self._service.stop()
        self._thread.join()

    def _at(self, at: timedelta, seated: bool) -> None:
        self._service.loop.at(at, lambda: self._seat.set(seated))

    def _slow_down(self) -> None:
        self.clock.set_speed(1.0)
        self._over.set()


def spread(home: RealHome, began: float, ended: float) -> None:
    """Spread the rows between two instants over the time that they represent."""
    database = home.run / "config" / "home-assistant_v2.db"
    with closing(sqlite3.connect(database)) as db, db:
        for column in ("last_updated_ts", "last_changed_ts"):
            db.execute(
                f"update states set {column} = ? - (? - {column}) * ? where {column} >= ?",  # noqa: S608
                (ended, ended, SPEED, began),
            )


def earlier_days(home: RealHome) -> None:
    """Import thirteen days before today into the long-term statistics."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = [402, 377, 0, 0, 415, 390, 352, 431, 366, 0, 0, 398, 340]
    total = -sum(minutes)  # today's own statistics begin at 0
    before = (midnight - timedelta(days=len(minutes) + 7)).isoformat()
    rows: list[dict[str, Any]] = [{"start": before, "state": 0, "sum": total / 60}]
    for back, seated in zip(range(len(minutes), 0, -1), minutes, strict=True):
        total += seated
        start = (midnight - timedelta(days=back) + timedelta(hours=17)).isoformat()
        rows.append({"start": start, "state": seated / 60, "sum": total / 60})
    sensor = "sensor.my_chair_seated_today"
    about = {"has_mean": False, "mean_type": 0, "has_sum": True, "name": None}
    unit = {"unit_of_measurement": "h", "unit_class": "duration"}
    metadata = about | unit | {"source": "recorder", "statistic_id": sensor}
    order = json.dumps({"metadata": metadata, "stats": rows})
    home.program("api", "WS", "recorder/import_statistics", order)


@contextmanager
def home_after_a_day(language: str) -> Iterator[RealHome]:
    """Yield a Home Assistant in which a day has passed."""
    with tempfile.TemporaryDirectory() as folder:
        home = RealHome(Path(folder), "--language", language, "--time-zone", "UTC")
        day = None
        try:
            install_fixture(home, language)
            day = Day(home, language)
            began = time.time()
            day.run()
            home.shows(occupied="on", move_due="on")
            ended = time.time()
            home.program("restart", "ha", "--half", "stop")
            spread(home, began, ended)
            home.restart("ha", "--half", "start")
            home.shows(occupied="on", move_due="on")
            earlier_days(home)
            yield home
        finally:
            if day is not None:
                day.end()
            home.down()


def take(folder: Path) -> None:
    """Take all pictures in each language; the README shows the English ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in languages():
        with home_after_a_day(language) as home:
            for name, (page, *heights) in PAGES.items():
                for (where, width), height in zip(WIDTHS.items(), heights, strict=True):
                    size = ["--width", str(width), "--height", str(height)]
                    for look, options in (("", []), ("-dark", ["--dark"])):
                        file = folder / f"{name}-{where}{look}-{language}.png"
                        home.program("shot", page, str(file), "--settle", "4", *size, *options)
                        print(file)


def keep(folder: Path) -> None:
    """Copy the README's pictures to their place, reduced to 160 colours."""
    for taken, name in KEPT.items():
        small = FOR_USERS / "screenshots" / f"{name}.png"
        small.parent.mkdir(exist_ok=True)
        order = [str(INSTALLED), "-c", SHRINK, str(folder / f"{taken}-en.png"), str(small)]
        subprocess.run(order, check=True)
        print(f"{small}: {small.stat().st_size // 1024} KB")


if __name__ == "__main__":
    where = Path(
        sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="unsit-screenshots-")
    )
    take(where)
    keep(where)
