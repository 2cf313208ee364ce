"""A chair on load cells, through driver and chip on simulated pins, in virtual time."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from unsit.assembly.cells import CalibrationStore, Feed, WeighedSeat, behaviour_of, steadily
from unsit.assembly.chair import LogSink, RunningChair
from unsit.core.inputs import Calibrate, Tare
from unsit.core.instant import Instant
from unsit.core.weighing.calibration import Calibration, CalibrationRefused, nominal
from unsit.core.weighing.scale import Scale
from unsit.runtime.clock import Act, Inbox, VirtualClock
from unsit.runtime.loop import Loop
from unsit.runtime.record import Recorder
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import SeatSettings, Settings, SittingSettings
from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.simulation.cells import Defect, HX711Chip, SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
Happening = tuple[float, Callable[[], object]]
Record = dict[str, Any]


class CountingClock(VirtualClock):
    """Virtual clock that counts the wake-ups of the loop."""

    wakes = 0

    def next_act(self, inbox: Inbox, until: Instant | None) -> Act | None:
        self.wakes += 1
        return super().next_act(inbox, until)


class Chair:
    """Chair on one or two cells. ``play`` runs its actions, each at its second."""

    def __init__(
        self,
        cells: str = "seat",
        calibration: Calibration | None = None,
        store: CalibrationStore | None = None,
    ) -> None:
        self.records: list[Record] = []
        self.sounds: list[float] = []
        self._moments: list[Happening] = []
        self.settings = Settings(
            seat=SeatSettings(kind="load_cell"),
            load_cell=LoadCellSettings(cells=cells, at="0.0" if cells == "seat" else "0.0,0.1"),
            sitting=SittingSettings(move_after=timedelta(minutes=10)),
        )
        names = self.settings.load_cell.names
        self._calibration = calibration or nominal(len(names), "simulated")
        self._store = store
        self.cells = [SimulatedCell(seed=nth) for nth in range(len(names))]
        self.chips: list[HX711Chip] = []
        self.pins = SimulatedPins(self._ticks)

    def at(self, second: float, act: Callable[[], object]) -> "Chair":
        self._moments.append((second, act))
        return self

    def put(self, second: float, *loads: float) -> "Chair":
        def put() -> None:
            for cell, load in zip(self.cells, loads, strict=True):
                cell.set_kilograms(load)

        return self.at(second, put)

    def play(self, end: float) -> "Chair":
        world = ((timedelta(seconds=at), act) for at, act in [*self._moments, (end, lambda: None)])
        self.clock = CountingClock(START, world, lambda: self.chair.loop.stop())
        sink = LogSink(Recorder(self.settings.chair.id, self.clock.wall), self.records.append)
        self.chair = RunningChair(
            self.settings, self.clock, self.pins, sink.keep, sink.publish, self._make
        )
        buzzer = self.chair.devices.buzzer
        assert buzzer is not None
        buzzer.play = lambda pattern: self.sounds.append(self._ticks())  # type: ignore[method-assign]
        try:
            self.chair.start()
            self.chair.loop.run()
        finally:
            self.chair.close()
        return self

    @property
    def events(self) -> list[tuple[str, float]]:
        """Type and second of each event."""
        return [
            (one["type"], (datetime.fromisoformat(one["at"]) - START).total_seconds())
            for one in self.records
        ]

    def request(self, what: Tare | Calibrate) -> Callable[[], object]:
        """Return an action that measures and records a refusal."""

        def ask() -> None:
            assert self.chair.seat is not None
            try:
                self.chair.emit(self.chair.seat.request(what))
            except CalibrationRefused as error:
                self.records.append({"type": str(error), "at": self.clock.wall(self._now())})

        return ask

    def _now(self) -> Instant:
        return self.clock.now()

    def _ticks(self) -> float:
        return self.clock.now().total_seconds() if hasattr(self, "clock") else 0.0

    def _make(self, loop: Loop, feed: Feed) -> WeighedSeat:
        converters = []
        for nth, cell in enumerate(self.cells):
            data, clock = (5, 6) if nth == 0 else (12, 13)
            self.chips.append(wire_hx711(self.pins, data, clock, cell))
            converters.append(HX711(data, clock, pin_factory=self.pins))
        names = self.settings.load_cell.names
        scale = Scale(self._calibration, behaviour_of(self.settings, names))
        return WeighedSeat(loop, converters, scale, feed, pace=steadily, store=self._store)

    def break_wire(self, second: float, defect: Defect | None) -> "Chair":
        return self.at(second, lambda: setattr(self.chips[0], "defect", defect))


def near(events: list[tuple[str, float]], expected: list[tuple[str, float]], within: float) -> bool:
    return [kind for kind, _ in events] == [kind for kind, _ in expected] and all(
        abs(at - due) <= within for (_, at), (_, due) in zip(events, expected, strict=True)
    )


def test_a_bout_is_followed_from_the_cell_to_the_events() -> None:
    chair = Chair().put(60, 75).put(500, 0).put(550, 75).put(900, 0).play(1100)

    assert near(
        chair.events,
        [
            ("bout_started", 60),
            ("stood_up", 500),
            ("sat_back", 550),
            ("move_due", 660),
            ("stood_up", 900),
            ("bout_ended", 1020),
        ],
        within=0.5,
    )
    assert chair.sounds[0] == pytest.approx(660, abs=0.5)


@pytest.mark.parametrize("kg", [0.0, 75.0])
@pytest.mark.parametrize(
    ("reason", "defect"),
    [
        ("silent", Defect.CUT),
        ("shorted", Defect.DATA_LOW),
        ("shorted", Defect.UNPOWERED),
    ],
)
def test_a_broken_wire_is_a_fault_within_5_seconds_until_it_has_contact_again(
    reason: str, defect: Defect, kg: float
) -> None:
    chair = Chair().put(10, kg).break_wire(100, defect).break_wire(140, None).play(200)

    faults = [event for event in chair.events if event[0].startswith("sensor")]
    assert near(faults, [("sensor_fault", 100.5), ("sensor_recovered", 142)], within=2)
    assert {one["reason"] for one in chair.records if "reason" in one} == {reason}
    assert [kind for kind, _ in chair.events if kind in ("stood_up", "bout_ended")] == []


def test_a_saturated_converter_is_a_fault_until_it_is_in_range_again() -> None:
    chair = Chair().put(10, 75).put(100, 5000).put(140, 75).play(200)

    assert near(
        chair.events,
        [("bout_started", 10), ("sensor_fault", 100.5), ("sensor_recovered", 142)],
        within=2,
    )
    assert chair.records[1]["reason"] == "saturated"


def test_nothing_sounds_while_the_sensor_is_at_fault_and_the_bout_is_due_after_it() -> None:
    chair = Chair().put(10, 75).break_wire(590, Defect.CUT).break_wire(650, None).play(700)

    assert [kind for kind, _ in chair.events] == [
        "bout_started",
        "sensor_fault",
        "sensor_recovered",
        "move_due",
    ]
    assert chair.sounds[0] == pytest.approx(652, abs=2)


def test_the_loop_is_woken_no_more_than_twice_for_a_reading() -> None:
    for load in (0.0, 75.0):
        chair = Chair().put(5, load).play(600)
        seat = chair.chair.seat
        assert isinstance(seat, WeighedSeat)
        frames = sum(chip.figures.frames for chip in chair.chips)
        assert frames < 2.6 * 600
        assert chair.clock.wakes <= 2 * frames


def test_leaning_is_reported_with_its_side() -> None:
    chair = Chair("left,right").put(10, 40, 40).put(60, 65, 15).put(300, 40, 40).play(350)

    kinds = [one for one in chair.records if one["type"].startswith("leaning")]
    assert [(one["type"], one["side"]) for one in kinds] == [
        ("leaning_started", "left"),
        ("leaning_ended", "left"),
    ]
    assert kinds[1]["leaned_s"] == pytest.approx(240, abs=3)


def test_weight_shifts_are_reported_with_the_bout() -> None:
    chair = Chair("left,right").put(10, 40, 40)
    for nth in range(6):
        chair.put(60 + 20 * nth, 46 - 12 * (nth % 2), 34 + 12 * (nth % 2))
    chair.put(300, 0, 0).play(600)

    [bout] = [one for one in chair.records if one["type"] == "bout_ended"]
    assert bout["shifts"] in (5, 6)


def test_a_tare_makes_the_seat_as_it_is_the_zero_and_is_kept(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path / "state" / "cells.json", ("seat",))
    chair = Chair(store=store).put(5, 3)
    chair.at(60, chair.request(Tare())).play(120)

    assert [kind for kind, _ in chair.events] == ["seat_tared"]
    assert chair.chair.seat is not None
    assert chair.chair.seat.load == pytest.approx(0, abs=0.05)
    assert store.load().cells[0].zero == pytest.approx(3 * 10_737, abs=50)


def test_a_known_weight_makes_the_span(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path / "cells.json", ("seat",))
    chair = Chair(store=store)
    chair.put(60, 10.5).at(90, chair.request(Calibrate(10.0))).play(120)

    assert chair.records[-1]["type"] == "seat_calibrated"
    assert chair.records[-1]["span_counts"] == pytest.approx(10.5 * 10_737, rel=0.001)
    assert store.load().cells[0].counts_per_kg == pytest.approx(1.05 * 10_737, rel=0.001)


def test_a_tare_with_somebody_on_the_seat_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path / "cells.json", ("seat",))
    chair = Chair(store=store).put(5, 75)
    chair.at(60, chair.request(Tare())).play(120)

    assert chair.records[-1]["type"] == (
        "somebody is on the seat; empty it first, or tare with the payload force if it is empty"
    )
    assert not store.file.exists()


@pytest.mark.parametrize("moved", [-300, -28, -11, -9, 9, 14])
@pytest.mark.parametrize("seated_before", [False, True])
def test_a_tare_reaches_a_chair_whose_zero_has_moved(moved: float, seated_before: bool) -> None:
    chair = Chair().put(5, 70 if seated_before else 0)
    chair.put(60, moved).at(120, chair.request(Tare())).put(150, moved + 75).play(170)

    kinds = [kind for kind, _ in chair.events]
    assert kinds.count("seat_tared") == 1
    assert ("sensor_recovered" in kinds) is (moved <= -10)
    assert kinds[-1] in ("bout_started", "sat_back")
    assert chair.chair.seat is not None
    assert chair.chair.seat.load == pytest.approx(75, abs=0.2)


def test_a_person_who_says_force_tares_a_seat_that_reads_a_person(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path / "cells.json", ("seat",))
    chair = Chair(store=store).put(5, 19)
    chair.at(60, chair.request(Tare(surely_empty=True))).play(120)

    assert [kind for kind, _ in chair.events][:2] == ["bout_started", "seat_tared"]
    assert chair.chair.seat is not None
    assert not chair.chair.seat.scale.pressed
    assert store.load().cells[0].zero == pytest.approx(19 * 10_737, abs=50)


def test_a_known_weight_is_refused_while_the_zero_drifts() -> None:
    chair = Chair().put(5, -28)
    chair.at(60, chair.request(Calibrate(10.0))).play(61)

    assert chair.records[-1]["type"] == (
        "the sensor is at fault: drifting; empty the seat and tare first"
    )


CORNERS = ("left_front", "right_front", "left_back", "right_back")


def corner_test(chair: Chair, loads: dict[str, tuple[float, float]]) -> Chair:
    """Weigh 10 kg at each corner. loads: the load of each of two cells in kg."""
    for nth, (corner, each) in enumerate(loads.items()):
        chair.put(30 + 20 * nth, *each)
        chair.at(45 + 20 * nth, chair.request(Calibrate(10.0, corner)))
    return chair.play(120)


def test_a_known_weight_at_each_corner_is_weighed_and_kept(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path / "cells.json", ("left", "right"))
    loads = {corner: (8.0, 2.0) if "left" in corner else (1.8, 8.0) for corner in CORNERS}

    chair = corner_test(Chair("left,right", store=store), loads)

    weighed = [one for one in chair.records if one["type"] == "seat_corner_weighed"]
    assert [one["corner"] for one in weighed] == list(CORNERS)
    assert [len(one["missing"]) for one in weighed] == [3, 2, 1, 0]
    assert [one["load_kg"] for one in weighed] == pytest.approx([10, 9.8, 10, 9.8], abs=0.05)
    assert weighed[-1]["readings"] == pytest.approx(
        dict(zip(CORNERS, (1.01, 0.99, 1.01, 0.99), strict=True)), abs=0.01
    )
    assert "wrong" not in weighed[-1]
    assert store.load().corners["left_front"] == pytest.approx((0.8 * 10737, 0.2 * 10737), rel=0.01)


def test_a_half_bridge_with_exchanged_wires_is_named_by_the_corners() -> None:
    loads = {"left_front": (-8.0, 2.0), "right_front": (0.0, 8.0)}
    loads |= {"left_back": (8.0, 2.0), "right_back": (0.0, 8.0)}

    chair = corner_test(Chair("left,right"), loads)

    assert chair.records[-1]["wrong"].startswith(
        "left front (-75 %) against right front, left back"
    )


def test_converters_that_are_exchanged_are_named_by_the_corners() -> None:
    loads = {corner: (2.0, 8.0) if "left" in corner else (8.0, 2.0) for corner in CORNERS}

    chair = corner_test(Chair("left,right"), loads)

    assert chair.records[-1]["wrong"].startswith("the weight at left front lies on the cell right")


def test_a_request_at_the_end_of_the_range_names_the_wires() -> None:
    chair = Chair("left,right")
    chair.at(5, lambda: chair.cells[1].set_raw(2**24))
    chair.at(60, chair.request(Tare())).play(61)

    assert chair.records[-1]["type"].startswith(
        "the sensor is at fault: saturated; at right a red wire is exchanged"
    )


def test_a_calibration_of_an_earlier_version_is_read_and_has_no_corners(tmp_path: Path) -> None:
    file = tmp_path / "cells.json"
    cells = {"left": {"zero": 1.0, "counts_per_kg": 9000.0}, "right": {"counts_per_kg": -9000.0}}
    file.write_text(json.dumps({"cells": cells, "tared": "a", "spanned": "b", "noise": 0.01}))
    store = CalibrationStore(file, ("left", "right"))

    calibration = store.load()
    store.save(calibration)

    assert calibration.corners == {}
    assert [cell.counts_per_kg for cell in calibration.cells] == [9000.0, -9000.0]
    assert store.load() == calibration


def test_a_tare_in_a_fault_is_refused() -> None:
    chair = Chair().break_wire(5, Defect.CUT)
    chair.at(60, chair.request(Tare())).play(61)

    assert chair.records[-1]["type"] == "the sensor is at fault: silent"


def test_cells_that_were_never_calibrated_are_a_fault_until_they_are_tared() -> None:
    chair = Chair(calibration=nominal(1))
    chair.at(60, chair.request(Tare())).put(100, 75).play(120)

    kinds = [kind for kind, _ in chair.events]
    assert kinds == ["sensor_fault", "seat_tared", "sensor_recovered", "bout_started"]
    assert chair.records[0]["reason"] == "uncalibrated"


def test_a_chair_with_a_mat_imports_nothing_of_load_cells() -> None:
    program = """
import sys
import unsit.cli.serve
from unsit.assembly.service import Service
from unsit.assembly.simulation import pins_on
from unsit.runtime.clock import LiveClock
from unsit.settings.model import Settings, MqttSettings
clock = LiveClock()
settings = Settings(mqtt=MqttSettings(host="none"))
service = Service(settings, clock, pins_on(clock), print, version="0")
service.close()
cells = ("weighing", "converters", "assembly.cells", "assembly.recording", "simulation.cells")
print(sorted(name for name in sys.modules if "unsit" in name and any(c in name for c in cells)))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout == "[]\n"
