"""The whole service in a real Home Assistant: entities, controls, restarts, and an empty log."""

import json
import math
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from zoneinfo import ZoneInfo

import pytest

from support.mosquitto import Watcher, until
from support.real_home_assistant import ROOT, Chair, RealHome, States

pytestmark = pytest.mark.homeassistant

NO_NAME = "–"  # noqa: RUF001  # an en dash, as people read it

NEVER_PRESSED = {"snooze", "test_buzzer"}
"""Buttons show when they were last pressed."""


@pytest.fixture(autouse=True)
def _nothing_to_complain_of(home: RealHome) -> Iterator[None]:
    yield
    assert home.complaints() == []


@pytest.fixture(autouse=True)
def _forgotten_afterwards(home: RealHome, chair: Chair) -> Iterator[None]:
    """Each test begins with a Home Assistant that knows no chair."""
    yield
    chair.kill()
    subprocess.run(chair.command("forget", "--force"), check=True, capture_output=True)
    home.wait(lambda states: not states, "the chair is gone")


def shown(states: States) -> dict[str, str]:
    """Return the states of entities by name."""
    return {name: state["state"] for name, state in states.items()}


def of_state(state: dict[str, Any]) -> dict[str, str]:
    """Return the states that entities must show for a state message, by this test's own rules."""

    def switch(key: str) -> str:
        return "on" if state[key] else "off"

    def date(key: str) -> str:
        return "unknown" if state[key] is None else f"{state[key][:19]}+00:00"

    def minutes(seconds: float) -> str:
        whole = seconds % 60 == 0
        return str(int(seconds) // 60) if whole else str(math.ceil(seconds / 60 * 100) / 100)

    def hours(minutes: int) -> str:
        return str(math.ceil(minutes * 10000 / 60) / 10000)

    response = state["response_s"]
    return {
        **{key: switch(key) for key in ("occupied", "move_due", "hold", "buzzer")},
        "sensor_problem": switch("sensor_fault"),
        "storage_problem": switch("storage_fault"),
        "sitting_since": date("sitting_since"),
        "uptime": date("started_at"),
        "bout": str((state["bout_s"] or 0) // 60),
        "seated_today": hours(state["seated_today_s"] // 60),
        "longest_bout_today": hours(state["longest_bout_today_s"] // 60),
        "breaks_today": str(state["breaks_today"]),
        "reminders_today": str(state["reminders_today"]),
        "response_time": "unknown" if response is None else str(round(response / 60, 2)),
        "move_after": minutes(state["move_after_s"]),
        "min_break": minutes(state["min_break_s"]),
        "move_by": date("move_by"),
        "next_reminder": date("next_reminder_at"),
        "snoozes_left": "unknown" if state["snoozes_left"] is None else str(state["snoozes_left"]),
        "reminder_style": state["reminder_style"],
        "silent_before": f"{state['silent_before'] or '00:00'}:00",
        "silent_after": f"{state['silent_after'] or '00:00'}:00",
        "last_refusal": NO_NAME if state["last_refusal"] is None else state["last_refusal"]["why"],
        "signal_quality": str(state["signal_quality"]),
        "events_waiting": "0",
        "version": state["version"],
        "exercise": state["exercise"] or NO_NAME,
        "exercise_offered": state["exercise_offered"] or NO_NAME,
        "exercises_done_today": str(state["exercises_done_today"]),
        "exercises_owed_today": str(state["exercises_owed_today"]),
    }


def all_right(home: RealHome, **expected: str) -> float:
    """Wait until every entity agrees with the state message, and some with expected values.

    Return the seconds that it took. No entity is doubled.
    """

    def right(states: States) -> bool:
        watcher = Watcher(home.broker, f"{ROOT}/state")
        try:
            should = of_state(watcher.wait(f"{ROOT}/state"))
        finally:
            watcher.close()
        now = shown(states)
        wrong.clear()
        wrong.update(
            {k: (now.get(k), v) for k, v in (should | expected).items() if now.get(k) != v}
        )
        return not wrong

    wrong: dict[str, tuple[str | None, str]] = {}  # what is shown, and what should be
    try:
        took = home.wait(right, f"all as the chair says, and {expected}")
    except AssertionError as error:
        error.add_note(f"wrong: {wrong}")
        raise
    names = [entity["unique_id"] for entity in home.registered()]
    assert len(names) == len(set(names)) == 41
    assert {name for name in shown(home.states()) if name.endswith("_2")} == set()
    return took


@pytest.fixture
def small_packets(home: RealHome) -> Iterator[None]:
    """Let the broker end every connection that sends more than 4000 bytes at once."""
    file = home.run / "mosquitto.conf"
    before = file.read_text()
    file.write_text(f"{before}\nmax_packet_size 4000\n")
    home.restart("broker")
    yield
    file.write_text(before)
    home.restart("broker")


@pytest.mark.usefixtures("small_packets")
@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_an_announcement_in_parts_shows_all_entities_also_after_restarts(
    version: str, home: RealHome, chair: Chair
) -> None:
    chair.start(f"mqtt.version={version}")
    all_right(home, occupied="off")
    home.restart("ha")
    all_right(home, occupied="off")
    chair.sits()
    home.shows(occupied="on", move_due="on")
    home.restart("broker")
    home.shows(occupied="on")
    chair.rises()
    all_right(home, occupied="off")


def test_sitting_too_long_is_seen_on_the_dashboard_and_fires_the_event(
    home: RealHome, chair: Chair
) -> None:
    chair.start()
    all_right(home, occupied="off", move_due="off")
    chair.sits()
    home.shows(occupied="on", move_due="off")
    home.shows(move_due="on", reminders_today="1")
    assert home.states()["event"]["attributes"]["event_type"] == "move_due"
    chair.rises()
    home.shows(occupied="off", move_due="off", breaks_today="1", sitting_since="unknown")
    assert home.states()["event"]["attributes"]["event_type"] == "bout_ended"
    assert float(home.states()["response_time"]["state"]) < 30
    all_right(home)


def test_a_check_finds_the_chair_in_home_assistant_which_has_nothing_to_complain_of(
    home: RealHome, chair: Chair
) -> None:
    chair.start()
    home.shows(occupied="off")
    asked = subprocess.run(chair.command("check", "--json"), capture_output=True, text=True)
    found = {finding["subject"]: finding for finding in json.loads(asked.stdout)["findings"]}

    assert {"publish", "retained", "home"} <= found.keys()
    assert [found[subject]["verdict"] for subject in ("discovery", "home")] == ["ok", "ok"]
    assert found["availability"]["words"] == "the chair is online: the seat is empty"
    home.shows(occupied="off")


def test_every_entity_is_registered_as_the_page_of_the_device_shows_it(
    home: RealHome, chair: Chair
) -> None:
    chair.start()
    all_right(home)
    device = home.device()

    assert (device["name"], device["manufacturer"]) == ("Desk chair", "unsit")
    assert device["identifiers"] == [["mqtt", "unsit_my-chair"]]
    table = {
        entity["entity_id"]: (
            entity["name"],
            entity.get("device_class"),
            entity.get("state_class"),
            entity.get("unit"),
            entity.get("entity_category"),
        )
        for entity in device["entities"]
    }
    assert table == {
        "binary_sensor.my_chair_occupied": ("Occupied", "occupancy", None, None, None),
        "binary_sensor.my_chair_move_due": ("Time to move", None, None, None, None),
        "sensor.my_chair_sitting_since": ("Sitting since", "timestamp", None, None, None),
        "sensor.my_chair_bout": ("Sitting for", "duration", "measurement", "min", None),
        "sensor.my_chair_seated_today": ("Seated today", "duration", "total", "h", None),
        "sensor.my_chair_longest_bout_today": (
            *("Longest bout today", "duration", "measurement", "h", None),
        ),
        "sensor.my_chair_breaks_today": ("Breaks today", None, "total", None, None),
        "sensor.my_chair_reminders_today": ("Reminders today", None, "total", None, None),
        "sensor.my_chair_response_time": ("Response time", "duration", "measurement", "min", None),
        "event.my_chair_event": ("Event", None, None, None, None),
        "switch.my_chair_hold": ("Hold", None, None, None, None),
        "text.my_chair_hold_until": ("Hold until (text)", None, None, None, None),
        "datetime.my_chair_hold_until_date": ("Hold until", None, None, None, None),
        "button.my_chair_end_hold": ("End Hold until", None, None, None, None),
        "time.my_chair_silent_before": ("Working hours from", None, None, None, "config"),
        "time.my_chair_silent_after": ("Working hours until", None, None, None, "config"),
        "select.my_chair_reminder_style": ("Reminder style", None, None, None, "config"),
        "sensor.my_chair_move_by": ("Move by", "timestamp", None, None, None),
        "sensor.my_chair_next_reminder": ("Next reminder", "timestamp", None, None, "diagnostic"),
        "sensor.my_chair_snoozes_left": ("Snoozes left", None, None, None, "diagnostic"),
        "sensor.my_chair_last_refusal": ("Last refusal", None, None, None, "diagnostic"),
        "button.my_chair_snooze": ("Snooze", None, None, None, None),
        "button.my_chair_acknowledge": ("Acknowledge", None, None, None, None),
        "binary_sensor.my_chair_daily_limit_reached": (
            *("Daily limit reached", None, None, None, None),
        ),
        "number.my_chair_daily_limit": ("Daily limit", "duration", None, "min", "config"),
        "sensor.my_chair_exercise": ("Exercise", None, None, None, None),
        "sensor.my_chair_exercise_offered": ("Exercise offered", None, None, None, None),
        "sensor.my_chair_exercises_done_today": (
            *("Exercises done today", None, "total", None, None),
        ),
        "sensor.my_chair_exercises_owed_today": (
            *("Exercises owed today", None, "measurement", None, None),
        ),
        "button.my_chair_exercise_done": ("Exercise done", None, None, None, None),
        "button.my_chair_exercise_pace": ("Start exercise timer", None, None, None, None),
        "number.my_chair_move_after": ("Move after", "duration", None, "min", "config"),
        "number.my_chair_min_break": ("Minimum break", "duration", None, "min", "config"),
        "switch.my_chair_buzzer": ("Buzzer", None, None, None, "config"),
        "button.my_chair_test_buzzer": ("Test buzzer", None, None, None, "diagnostic"),
        "sensor.my_chair_version": ("Version", None, None, None, "diagnostic"),
        "sensor.my_chair_uptime": ("Running since", "timestamp", None, None, "diagnostic"),
        "sensor.my_chair_signal_quality": (
            *("Signal quality", None, "measurement", "%", "diagnostic"),
        ),
        "sensor.my_chair_events_waiting": (
            *("Events waiting", None, "measurement", None, "diagnostic"),
        ),
        "binary_sensor.my_chair_sensor_problem": (
            *("Sensor problem", "problem", None, None, "diagnostic"),
        ),
        "binary_sensor.my_chair_storage_problem": (
            *("Storage problem", "problem", None, None, "diagnostic"),
        ),
    }


def test_every_control_works_and_is_still_so_after_a_kill(home: RealHome, chair: Chair) -> None:
    chair.start("reminders.repeat_every=1h")
    chair.sits()
    home.shows(move_due="on")
    home.call("button.press", "snooze")
    home.wait(lambda states: _last_event(states) == "snoozed", "the event of the snooze")
    home.call("button.press", "test_buzzer")
    home.call("switch.turn_on", "hold")
    home.shows(hold="on")
    home.call("switch.turn_off", "buzzer")
    home.shows(buzzer="off")
    home.call("number.set_value", "move_after", value=50)
    home.call("number.set_value", "min_break", value=2.5)
    home.shows(move_after="50", min_break="2.5", daily_limit="0")
    home.call("number.set_value", "daily_limit", value=480)
    home.shows(daily_limit="480")
    home.call("button.press", "acknowledge")
    home.wait(lambda states: _last_event(states) == "acknowledged", "the reminder is acknowledged")
    home.call("text.set_value", "hold_until", value="2h")
    home.wait(lambda states: ":" in states["hold_until"]["state"], "a hold has an end")

    chair.kill()
    home.shows(occupied="unavailable")
    chair.start()

    all_right(home, move_after="50", min_break="2.5", daily_limit="480", buzzer="off", hold="on")
    config = subprocess.run(chair.command("config"), capture_output=True, text=True, check=True)
    assert "# changed by a command, instead of 3s (--set sitting.move_after)" in config.stdout
    home.call("switch.turn_off", "hold")
    home.call("switch.turn_on", "buzzer")
    home.shows(hold="off", buzzer="on")


def test_a_command_that_is_refused_leaves_the_entity_as_it_was_and_says_why(
    home: RealHome, chair: Chair
) -> None:
    chair.start()
    all_right(home)
    home.call("text.set_value", "hold_until", value="17.30")
    home.wait(lambda states: _last_event(states) == "command_rejected", "the event of the refusal")

    assert "it has no unit" in home.states()["event"]["attributes"]["why"]
    home.wait(
        lambda states: "it has no unit" in states["last_refusal"]["state"], "the last refusal"
    )
    all_right(home, hold_until="", move_after="0.05")


def test_no_number_can_be_set_to_what_the_chair_refuses(home: RealHome, chair: Chair) -> None:
    chair.start()
    all_right(home)
    for name, value in (("move_after", 0), ("min_break", 0), ("daily_limit", 1441)):
        with pytest.raises(HTTPError):
            home.call("number.set_value", name, value=value)
    for name in ("move_after", "min_break", "daily_limit"):
        limits = home.states()[name]["attributes"]
        for value in (limits["max"], limits["min"]):
            home.call("number.set_value", name, value=value)
            home.wait(
                lambda states, name=name, value=value: float(states[name]["state"]) == value,  # type: ignore[misc]
                f"{name} is {value}",
            )
    all_right(home, last_refusal=NO_NAME)


def test_times_are_those_of_home_assistant_s_zone_and_can_be_cleared(
    home: RealHome, chair: Chair
) -> None:
    chair.start("hours.timezone=Asia/Tokyo")
    all_right(home)
    end = (datetime.now(UTC) + timedelta(hours=3)).replace(microsecond=0)
    here = home.request("/api/config")["time_zone"]
    home.call(
        "datetime.set_value",
        "hold_until_date",
        datetime=f"{end.astimezone(ZoneInfo(here)):%Y-%m-%d %H:%M:%S}",
    )
    home.shows(hold="on", hold_until_date=end.isoformat())
    assert home.states()["hold"]["attributes"]["reasons"] == ["home_assistant"]
    home.call("switch.turn_on", "hold")
    home.call("button.press", "end_hold")
    home.shows(hold="on", hold_until_date="unknown", hold_until="")

    home.call("time.set_value", "silent_after", time="23:59:00")
    home.shows(silent_after="23:59:00")
    home.call("time.set_value", "silent_after", time="00:00:00")
    home.shows(silent_after="00:00:00")
    all_right(home)


def test_a_style_chosen_there_is_a_changed_setting(home: RealHome, chair: Chair) -> None:
    chair.start()
    all_right(home, reminder_style="normal")
    home.call("select.select_option", "reminder_style", option="gentle")
    home.shows(reminder_style="gentle")
    config = subprocess.run(chair.command("config"), capture_output=True, text=True, check=True)
    assert 'style = "gentle"' in config.stdout


def test_reasons_are_attributes_of_what_they_explain(home: RealHome, chair: Chair) -> None:
    chair.start()
    all_right(home)
    home.call("switch.turn_on", "hold")
    home.publish(f"{ROOT}/command/hold/call", "ON", retain=True)
    home.wait(
        lambda states: states["hold"]["attributes"]["reasons"] == ["command", "call"],
        "both reasons of the hold",
    )
    home.publish(f"{ROOT}/command/hold/call", "", retain=True)
    home.wait(
        lambda states: states["hold"]["attributes"]["reasons"] == ["command"],
        "the hold of the person alone",
    )
    assert "reason" in home.states()["sensor_problem"]["attributes"]


def test_a_new_chair_shows_at_most_fourteen_entities(home: RealHome, chair: Chair) -> None:
    chair.start("chair.id=new-chair")

    def enabled() -> list[str]:
        return [one["entity_id"] for one in home.registered() if one.get("disabled_by") is None]

    until(lambda: "datetime.new_chair_hold_until_date" in enabled(), "the new chair is there")
    assert len(enabled()) == 14


def test_every_entity_is_right_after_the_service_was_restarted_or_killed(
    home: RealHome, chair: Chair
) -> None:
    chair.start()
    chair.sits()
    home.shows(move_due="on")
    chair.rises()
    home.shows(breaks_today="1")
    chair.stop()
    home.shows(occupied="unavailable")
    chair.start()
    all_right(home, breaks_today="1", reminders_today="1")
    chair.kill()
    home.shows(occupied="unavailable")
    chair.start()

    all_right(home, breaks_today="1", reminders_today="1")


def test_every_entity_is_right_after_home_assistant_was_restarted(
    home: RealHome, chair: Chair
) -> None:
    chair.start()
    chair.sits()
    home.shows(move_due="on")
    home.restart("ha")
    all_right(home, move_due="on", occupied="on")
    chair.rises()
    home.wait(lambda states: _last_event(states) == "bout_ended", "events come again")


@pytest.mark.parametrize("lost", [False, True], ids=["with what was retained", "with nothing"])
def test_every_entity_is_right_after_the_broker_came_back(
    home: RealHome, chair: Chair, lost: bool
) -> None:
    chair.start()
    chair.sits()
    home.shows(move_due="on")
    if lost:
        home.program("restart", "broker", "--half", "stop", "--crash")
        (home.run / "mosquitto" / "mosquitto.db").unlink(missing_ok=True)
        home.restart("broker", "--half", "start")
    else:
        home.restart("broker", "--gap", "1")

    all_right(home, move_due="on", occupied="on")
    chair.rises()
    home.wait(lambda states: _last_event(states) == "bout_ended", "events come again")


def test_a_late_event_reaches_the_log_and_never_the_event_entity(
    home: RealHome, chair: Chair
) -> None:
    chair.start("mqtt.fresh_for=5s", "reminders.repeat_every=6s")
    home.wait(lambda states: _last_event(states) == "service_started", "the event of the start")
    home.program("restart", "broker", "--half", "stop")
    chair.sits()
    chair.wait_for("reminder 2")
    home.restart("broker", "--half", "start")
    all_right(home, move_due="on")

    late = {"bout_started", "move_due"}
    seen = {leaf: home.event_types(f"{ROOT}/{leaf}", chair.started) for leaf in ("log", "event")}
    assert late <= set(seen["log"])
    assert not late & set(seen["event"])
    assert _last_event(home.states()) in ("service_started", "move_reminder", "gave_up")


def test_a_forgotten_chair_is_gone_and_leaves_nothing_behind(home: RealHome, chair: Chair) -> None:
    chair.start()
    all_right(home)
    chair.stop()
    done = subprocess.run(chair.command("forget"), capture_output=True, text=True, check=True)

    assert done.stdout.count("removed ") == 4
    home.wait(lambda states: "occupied" not in states, "the chair is gone")
    assert home.registered() == []


def test_another_id_another_prefix_and_less_equipment_leave_nothing_of_the_old_chair(
    home: RealHome, chair: Chair
) -> None:
    chair.start()
    all_right(home)
    chair.stop()
    chair.start("mqtt.prefix=house/unsit", "buzzer.kind=none")
    home.wait(lambda states: "buzzer" not in states and "occupied" in states, "no buzzer")
    home.shows(occupied="off")
    chair.stop()
    chair.start("chair.id=other-chair")
    home.wait(lambda states: "occupied" not in states, "the old chair is gone")

    assert {entity["unique_id"].split("_")[1] for entity in home.registered()} == {"other-chair"}
    left = {
        "homeassistant/device/unsit_other-chair/config",
        "homeassistant/device/unsit_other-chair_times/config",
        "house/unsit/other-chair/availability",
        "house/unsit/other-chair/state",
    }
    until(lambda: home.retained("chair") == left, "nothing but the new chair's is retained")


def _last_event(states: States) -> Any:
    return states.get("event", {}).get("attributes", {}).get("event_type")
