"""Load cells on the command line: replayed, simulated, calibrated and recorded."""

import json
import os
import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from support.program import NO_DWELL, Ended, Program, here

pytestmark = pytest.mark.minute

CELLS = ("--set", "seat.kind=load_cell", "--set", "load_cell.converter=hx711")
NO_BROKER = ("--set", "mqtt.host=none")
START = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # a recording may be local
SIMULATED = {"GPIOZERO_PIN_FACTORY": "unsit_sim", "UNSIT_SIM_HX711": "5:6"}


def write(file: Path, header: str, *rows: tuple[float, str]) -> str:
    """Write a recording. rows: seconds since nine o'clock, and the values."""
    lines = [f"{(START + timedelta(seconds=at)).isoformat()},{values}\n" for at, values in rows]
    file.write_text(f"ts,{header}\n" + "".join(lines))
    return str(file)


def replayed(file: str, *options: str) -> list[dict[str, object]]:
    ended = here("replay", file, "--json", *options)
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.lines]


def kinds(records: list[dict[str, object]]) -> list[object]:
    return [record["type"] for record in records]


def test_changing_grams_replay_like_a_contact(tmp_path: Path) -> None:
    edges = [(0, 1), (1900, 0), (2400, 1), (2410, 0), (2425, 1), (5000, 0), (6000, 0)]
    contact = write(tmp_path / "a.csv", "contact", *[(at, str(on)) for at, on in edges])
    grams = write(tmp_path / "b.csv", "grams", *[(at, str(on * 81_250)) for at, on in edges])

    expected, found = replayed(contact, *NO_DWELL), replayed(grams, *NO_DWELL)

    assert kinds(found) == kinds(expected)
    for event, expected_event in zip(found[:-1], expected[:-1], strict=True):
        assert abs(seconds(event) - seconds(expected_event)) <= 0.5


def seconds(record: dict[str, object]) -> float:
    return datetime.fromisoformat(str(record["at"])).timestamp()


def test_single_wrong_readings_change_no_event(
    tmp_path: Path,
) -> None:
    loads = [0] * 20 + [70_000] * 200 + [0] * 200
    for wrong, value in ((10, 900_000), (60, -500_000), (100, 0), (150, 5_000_000), (300, 70_000)):
        loads[wrong] = value
    rows = [(float(at), str(grams + at % 7)) for at, grams in enumerate(loads)]

    records = replayed(write(tmp_path / "a.csv", "grams", *rows), *NO_DWELL)

    assert kinds(records) == ["bout_started", "stood_up", "bout_ended", "summary"]
    assert [seconds(record) - START.astimezone().timestamp() for record in records[:2]] == [20, 220]


def test_raw_counts_replay_with_the_calibration_of_the_settings(tmp_path: Path) -> None:
    calibration = tmp_path / "cells.json"
    calibration.write_text(
        json.dumps({"cells": {"seat": {"zero": 100_000, "counts_per_kg": 5_000}}, "tared": "today"})
    )
    rows = [(at, "100000" if at < 20 else "400000") for at in range(0, 60)]
    noisy = [(float(at), f"{int(raw) + at % 9}") for at, raw in rows]
    file = write(tmp_path / "a.csv", "raw", *noisy)

    assert kinds(replayed(file, "--set", f"load_cell.calibration={calibration}")) == [
        "bout_started",
        "bout_ended",
        "summary",
    ]


def test_counts_at_the_end_of_the_range_are_a_fault_in_a_replay(tmp_path: Path) -> None:
    rows = [(at / 5, str(700_000 + at % 9)) for at in range(200)]
    rows[100:150] = [(at / 5, "8388607") for at in range(100, 150)]

    records = replayed(write(tmp_path / "a.csv", "raw", *rows))

    assert kinds(records)[:3] == ["bout_started", "sensor_fault", "sensor_recovered"]
    assert records[1]["reason"] == "saturated"


def test_leaning_on_two_cells_is_found_in_a_replay(tmp_path: Path) -> None:
    rows = [(0, "40000,40000"), (60, "70000,10000"), (400, "40000,40000"), (700, "0,0")]
    rows += [(900, "0,0")]

    records = replayed(write(tmp_path / "a.csv", "grams_left,grams_right", *rows))

    assert [r["side"] for r in records if r["type"] == "leaning_started"] == ["left"]


@pytest.mark.parametrize("extra", [(), ("--speed", "60")])
def test_a_recording_of_loads_is_simulated_live(tmp_path: Path, extra: tuple[str, ...]) -> None:
    rows = [(0, "0"), (0.5, "80000"), (30, "0"), (50, "0")]
    file = write(tmp_path / "a.csv", "grams", *rows)
    with Program(
        "run", "--simulate", file, *extra, *NO_DWELL, *NO_BROKER, "--state-dir", str(tmp_path)
    ) as program:
        program.wait_for("the service has started")
        program.wait_for("sat down")


def test_live_rows_of_loads_are_read_after_their_header(tmp_path: Path) -> None:
    with Program(
        "run", "--simulate", "-", *NO_DWELL, *NO_BROKER, "--state-dir", str(tmp_path)
    ) as program:
        program.wait_for("the service has started")
        program.say("grams_left,grams_right\n40000,41000\n")
        program.wait_for("sat down")
        program.say("0,0\n")
        program.wait_for("stood up")


def calibrate(state: Path, *options: str, script: str) -> Ended:
    env = SIMULATED | {"UNSIT_SIM_SCRIPT": script, "UNSIT_SIM_LOAD": "20"}
    return here("calibrate", *CELLS, "--state-dir", str(state), *options, env=env, stdin="")


def test_a_chair_is_tared_and_calibrated_in_two_steps_and_then_serves(tmp_path: Path) -> None:
    ended = calibrate(tmp_path, "--tare", script="stand 1h")
    assert (ended.code, ended.err) == (0, "")
    assert "tared; the noise is 0.00" in ended.out
    tared = (tmp_path / "load_cells.json").read_text()
    ended = calibrate(tmp_path, "--weight", "20", script="stand 1h")
    assert ended.code == os.EX_DATAERR
    assert "take a heavier weight" in ended.err
    assert (tmp_path / "load_cells.json").read_text() == tared
    ended = calibrate(tmp_path, "--weight", "20", script="sit 1h")
    assert (ended.code, ended.err) == (0, "")
    assert "verdict good" in ended.out
    saved = json.loads((tmp_path / "load_cells.json").read_text())
    assert saved["cells"]["seat"]["counts_per_kg"] == pytest.approx(10_737, rel=0.001)
    assert saved["tared"]
    assert saved["spanned"]

    with Program(
        "run",
        *CELLS,
        "--state-dir",
        str(tmp_path),
        *NO_BROKER,
        *NO_DWELL,
        env=SIMULATED | {"UNSIT_SIM_SCRIPT": "sit 1h"},
    ) as program:
        program.wait_for("sat down")


def test_a_weight_without_a_tare_is_refused_in_one_line(tmp_path: Path) -> None:
    ended = calibrate(tmp_path, "--weight", "20", script="sit 1h")

    assert ended.code == os.EX_DATAERR
    assert ended.err == (
        "there is no tare yet; empty the seat and tare first; the calibration is unchanged\n"
    )
    assert list(tmp_path.iterdir()) == []


def moved_by(kg: float, **more: object) -> str:
    """Return a calibration whose zero is this far from what an empty seat reads."""
    cell = {"zero": -kg * 10_737, "counts_per_kg": 10_737}
    return json.dumps({"cells": {"seat": cell}, "tared": "2026", "spanned": "2026"} | more)


def test_a_zero_that_moved_is_tared_at_once_if_it_fell_and_with_force_if_it_rose(
    tmp_path: Path,
) -> None:
    file = tmp_path / "load_cells.json"
    file.write_text(moved_by(-28))
    ended = calibrate(tmp_path, "--tare", script="stand 1h")
    assert (ended.code, ended.err) == (0, "")
    file.write_text(moved_by(19))
    ended = calibrate(tmp_path, "--tare", script="stand 1h")
    assert ended.code == os.EX_DATAERR
    assert "carries 19 kg more than at the last tare" in ended.err
    assert "if it is empty, add --force; the calibration is unchanged" in ended.err
    ended = calibrate(tmp_path, "--tare", "--force", script="stand 1h")
    assert (ended.code, ended.err) == (0, "")
    [zero] = [cell["zero"] for cell in json.loads(file.read_text())["cells"].values()]
    assert zero == pytest.approx(0, abs=50)


def test_the_last_of_four_corners_names_the_wrong_cell_and_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "load_cells.json"
    corners = {corner: [10_737.0] for corner in ("left_front", "right_front", "left_back")}
    file.write_text(moved_by(0, corners=corners))

    ended = calibrate(tmp_path, "--weight", "20", "--corner", "right_back", script="stand 1h")

    assert ended.code == os.EX_DATAERR
    assert "right back: 0.0 kg of 20 kg" in ended.out.replace("-0.0", "0.0")
    assert "right back (0 %) against left front, right front and left back (133 %)" in ended.err
    assert len(json.loads(file.read_text())["corners"]) == 4


def test_a_corner_without_a_weight_is_a_usage_error(tmp_path: Path) -> None:
    ended = calibrate(tmp_path, "--corner", "left_front", script="stand 1h")

    assert ended.code == os.EX_USAGE
    assert "--corner needs --weight KG" in ended.err


def test_questions_on_an_empty_standard_input_are_a_usage_error(tmp_path: Path) -> None:
    ended = calibrate(tmp_path, script="stand 1h")

    assert ended.code == os.EX_USAGE
    assert "Empty the seat" in ended.out
    assert "standard input has ended" in ended.err


def test_cells_that_do_not_answer_are_an_error_with_a_fix(tmp_path: Path) -> None:
    on_pins = {"GPIOZERO_PIN_FACTORY": "unsit_sim"}

    ended = here("calibrate", *CELLS, "--tare", "--state-dir", str(tmp_path), env=on_pins)

    assert ended.code == os.EX_UNAVAILABLE
    assert re.search(r"gave 0 readings in 8 s: \w+; check the wiring", ended.err)


def test_a_mat_has_nothing_to_calibrate() -> None:
    ended = here("calibrate", "--tare")

    assert ended.code == os.EX_USAGE
    assert "seat.kind = 'mat' has nothing to calibrate" in ended.err


def test_a_calibration_of_other_cells_is_refused(tmp_path: Path) -> None:
    (tmp_path / "load_cells.json").write_text('{"cells": {"left": {}, "right": {}}}')

    ended = calibrate(tmp_path, "--tare", script="stand 1h")

    assert ended.code == os.EX_CONFIG
    assert "the calibration is of the cells left, right, expected seat" in ended.err


def test_a_recording_of_cells_has_raw_counts_and_replays(tmp_path: Path) -> None:
    file = tmp_path / "raw.csv"
    with Program(
        "record", str(file), *CELLS, env=SIMULATED | {"UNSIT_SIM_SCRIPT": "stand 2s, sit 1h"}
    ) as program:
        program.wait_for("recording to")
        wait_for_rows(file, 45)
    lines = file.read_text().splitlines()

    assert lines[0] == "ts,raw"
    assert kinds(replayed(str(file), "--set", "seat.sit_dwell=0"))[0] == "bout_started"


def wait_for_rows(file: Path, rows: int) -> None:
    """Follow a file until it has this many lines."""
    with subprocess.Popen(
        ["timeout", "90", "tail", "-n", "+1", "-f", file], stdout=subprocess.PIPE
    ) as tail:
        assert tail.stdout is not None
        for _ in range(rows):
            assert tail.stdout.readline(), "the recording is too short"
        tail.terminate()
