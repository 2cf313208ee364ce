"""Time zones: one midnight for everything, and a zone that changes while the service runs."""

import time
import zoneinfo
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import pytest

from support.restarted_machine import SETTINGS, Machine
from unsit.runtime.clock import ZoneWatch
from unsit.settings.hours import HoursSettings
from unsit.settings.model import SittingSettings

LiveIn = Callable[[str], None]
ZONES = Path("/usr/share/zoneinfo")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


class Home:
    """Link to the file of a time zone, as /etc/localtime is."""

    def __init__(self, link: Path) -> None:
        self.link = link

    def move_to(self, zone: str) -> None:
        """Replace the link, as timedatectl does."""
        new = self.link.with_suffix(".new")
        new.symlink_to(ZONES / zone)
        new.rename(self.link)


@pytest.fixture
def home(tmp_path: Path, live_in: LiveIn) -> Home:
    """Return the zone of this process, which is London."""
    home = Home(tmp_path / "localtime")
    home.move_to("Europe/London")
    live_in(f":{home.link}")
    return home


def test_a_zone_that_stays_has_not_changed(home: Home) -> None:
    watch = ZoneWatch("Europe/Berlin")

    assert not watch.has_changed()
    assert not watch.has_changed()


def test_a_link_to_another_zone_is_a_change_and_holds_at_once(home: Home) -> None:
    watch = ZoneWatch()
    home.move_to("Asia/Tokyo")

    assert watch.has_changed()
    assert not watch.has_changed()
    assert time.localtime(0).tm_gmtoff == 9 * 3600


def test_new_rules_in_the_file_of_the_zone_are_a_change(tmp_path: Path, live_in: LiveIn) -> None:
    file = tmp_path / "zone"
    file.write_bytes((ZONES / "Europe/London").read_bytes())
    live_in(f":{file}")
    watch = ZoneWatch()
    file.write_bytes((ZONES / "Asia/Tokyo").read_bytes())

    assert watch.has_changed()
    assert time.localtime(0).tm_gmtoff == 9 * 3600


def test_a_zone_whose_file_is_missing_for_a_moment_is_read_when_it_is_there(home: Home) -> None:
    watch = ZoneWatch()
    home.link.unlink()
    assert watch.has_changed()
    home.move_to("Asia/Tokyo")

    assert watch.has_changed()
    assert time.localtime(0).tm_gmtoff == 9 * 3600


@pytest.mark.parametrize("zone", ["", "UTC0", "EST5EDT,M3.2.0,M11.1.0", "no/such zone"])
def test_a_zone_in_no_file_does_not_change(zone: str, live_in: LiveIn) -> None:
    live_in(zone)

    assert not ZoneWatch().has_changed()


def test_a_running_service_takes_a_new_zone_within_a_minute(home: Home, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "state", SETTINGS)
    machine.clock.date = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
    midnights = []

    def look() -> None:
        midnights.append(machine.service._state()["today_since"])

    machine.run(
        minutes(4),
        script=[
            (minutes(1.5), look),
            (minutes(1.6), lambda: home.move_to("Asia/Tokyo")),
            (minutes(2.6), look),
        ],
    )

    assert midnights == ["2026-11-24T00:00:00.000+00:00", "2026-11-24T00:00:00.000+09:00"]


def test_a_hold_until_a_time_of_day_ends_by_the_new_zone(home: Home, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "state", SETTINGS)
    machine.clock.date = datetime(2026, 11, 24, 7, 27, 30, tzinfo=UTC)
    lasts = []

    def ask() -> None:
        until = machine.service.chair.hours.next_time(time_of_day(17, 30))
        lasts.append(until - machine.clock.now())

    machine.run(
        minutes(4),
        script=[(minutes(0.5), lambda: home.move_to("Asia/Tokyo")), (minutes(2.5), ask)],
    )

    assert lasts == [minutes(60)]


def test_totals_and_limits_have_the_same_midnight(live_in: LiveIn, tmp_path: Path) -> None:
    live_in("UTC")
    settings = replace(
        SETTINGS,
        hours=HoursSettings(timezone="America/New_York"),
        sitting=SittingSettings(daily_limit=minutes(60)),
    )
    machine = Machine(tmp_path, settings)
    machine.clock.date = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    machine.run(minutes(70), sits=True)

    state = machine.service._state()
    assert state["today_since"] == "2026-01-05T05:00:00.000+00:00"
    assert state["daily_limit_reached"] is True
    assert state["seated_today_s"] == 70 * 60


def test_a_zone_that_goes_from_the_database_keeps_its_rules(
    live_in: LiveIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live_in("UTC")
    database = tmp_path / "zones"
    database.mkdir()
    (database / "Here").write_bytes((ZONES / "Asia/Tokyo").read_bytes())
    zoneinfo.reset_tzpath(to=[database])
    try:
        settings = replace(SETTINGS, hours=HoursSettings(timezone="Here"))
        machine = Machine(tmp_path / "state", settings)
        machine.run(minutes(3), script=[(minutes(0.5), (database / "Here").unlink)])
    finally:
        zoneinfo.reset_tzpath()

    assert machine.service._state()["today_since"] == "2026-11-23T15:00:00.000+00:00"
    assert len([line for line in caplog.messages if "hours.timezone = 'Here' is gone" in line]) == 1
