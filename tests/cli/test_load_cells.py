"""Load cells on the command line: replayed, simulated, calibrated and recorded."""

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cli.program import NO_DWELL, Program, here, run

CELLS = ("--set", "seat.kind=load_cell", "--set", "load_cell.converter=hx711")
START = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # a recording may be local
SIMULATED = {"GPIOZERO_PIN_FACTORY": "unsit_sim", "UNSIT_SIM_HX711": "5:6"}


def write(file: Path, header: str, *rows: tuple[float, str]) -> str:
    """A recording; seconds from nine o'clock, and the values."""
    lines = [f"{(START + timedelta(seconds=at)).isoformat()},{values}\n" for at, values in rows]
    file.write_text(f"ts,{header}\n" + "".join(lines))
    return str(file)


def replayed(file: str, *options: str) -> list[dict[str, object]]:
    ended = here("replay", file, "--json", *options)
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.lines]


def kinds(records: list[dict[str, object]]) -> list[object]:
    return [record["type"] for record in records]


def test_grams_that_say_changes_replay_as_a_contact_does(tmp_path: Path) -> None:
    edges = [(0, 1), (1900, 0), (2400, 1), (2410, 0), (2425, 1), (5000, 0), (6000, 0)]
    contact = write(tmp_path / "a.csv", "contact", *[(at, str(on)) for at, on in edges])
    grams = write(tmp_path / "b.csv", "grams", *[(at, str(on * 81_250)) for at, on in edges])

    expected, found = replayed(contact, *NO_DWELL), replayed(grams, *NO_DWELL)

    assert kinds(found) == kinds(expected)
    for one, other in zip(found[:-1], expected[:-1], strict=True):
        assert abs(seconds(one) - seconds(other)) <= 0.5


def seconds(record: dict[str, object]) -> float:
    return datetime.fromisoformat(str(record["at"])).timestamp()


def test_readings_of_which_single_ones_are_wrong_replay_as_if_they_were_not(
    tmp_path: Path,
) -> None:
    loads = [0] * 20 + [70_000] * 200 + [0] * 200
    for wrong, value in ((10, 900_000), (60, -500_000), (100, 0), (150, 5_000_000), (300, 70_000)):
        loads[wrong] = value
    rows = [(float(at), str(grams + at % 7)) for at, grams in enumerate(loads)]

    records = replayed(write(tmp_path / "a.csv", "grams", *rows), *NO_DWELL)

    assert kinds(records) == ["bout_started", "stood_up", "bout_ended", "summary"]
    assert [seconds(record) - START.astimezone().timestamp() for record in records[:2]] == [20, 220]


def test_raw_counts_replay_with_the_calibration_that_the_settings_name(tmp_path: Path) -> None:
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


def test_two_cells_tell_of_leaning_in_a_replay(tmp_path: Path) -> None:
    rows = [(0, "40000,40000"), (60, "70000,10000"), (400, "40000,40000"), (700, "0,0")]
    rows += [(900, "0,0")]

    records = replayed(write(tmp_path / "a.csv", "grams_left,grams_right", *rows))

    assert [r["side"] for r in records if r["type"] == "leaning_started"] == ["left"]


@pytest.mark.parametrize("extra", [(), ("--speed", "60")])
def test_a_recording_of_loads_is_simulated_live(tmp_path: Path, extra: tuple[str, ...]) -> None:
    rows = [(0, "0"), (0.5, "80000"), (30, "0"), (50, "0")]
    file = write(tmp_path / "a.csv", "grams", *rows)
    with Program(
        "run", "--simulate", file, *extra, "--set", "mqtt.host=none", "--state-dir", str(tmp_path)
    ) as program:
        program.wait_for("the service has started")
        program.wait_for("sat down")


def test_live_rows_of_loads_are_taken_from_their_header_on(tmp_path: Path) -> None:
    with Program(
        "run", "--simulate", "-", "--set", "mqtt.host=none", "--state-dir", str(tmp_path)
    ) as program:
        program.wait_for("the service has started")
        program.say("grams_left,grams_right\n40000,41000\n")
        program.wait_for("sat down")
        program.say("0,0\n")
        program.wait_for("stood up")


def calibrate(state: Path, *options: str, answers: str = "", script: str) -> tuple[int, str, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "unsit", "calibrate", *CELLS, "--state-dir", str(state), *options],
        env=os.environ | SIMULATED | {"UNSIT_SIM_SCRIPT": script, "UNSIT_SIM_LOAD": "20"},
        input=answers,
        capture_output=True,
        text=True,
        timeout=90,
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_a_chair_is_tared_and_calibrated_in_two_steps_and_then_serves(tmp_path: Path) -> None:
    code, out, err = calibrate(tmp_path, "--tare", script="stand 1h")
    assert (code, err) == (0, "")
    assert "tared; the noise is 0.00" in out
    tared = (tmp_path / "load_cells.json").read_text()
    code, _, err = calibrate(tmp_path, "--weight", "20", script="stand 1h")
    assert code == 65
    assert "take a heavier weight" in err
    assert (tmp_path / "load_cells.json").read_text() == tared
    code, out, err = calibrate(tmp_path, "--weight", "20", script="sit 1h")
    assert (code, err) == (0, "")
    assert "verdict good" in out
    kept = json.loads((tmp_path / "load_cells.json").read_text())
    assert kept["cells"]["seat"]["counts_per_kg"] == pytest.approx(10_737, rel=0.001)
    assert kept["tared"]
    assert kept["spanned"]

    with Program(
        "run",
        *CELLS,
        "--state-dir",
        str(tmp_path),
        "--set",
        "mqtt.host=none",
        env=SIMULATED | {"UNSIT_SIM_SCRIPT": "sit 1h"},
    ) as program:
        program.wait_for("sat down")


def test_a_weight_without_a_tare_is_refused_in_one_line(tmp_path: Path) -> None:
    code, _, err = calibrate(tmp_path, "--weight", "20", script="sit 1h")

    assert code == 65
    assert err == (
        "there is no tare yet; empty the seat and tare first; the calibration is as it was\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_questions_without_anybody_to_answer_are_a_usage_error(tmp_path: Path) -> None:
    code, out, err = calibrate(tmp_path, script="stand 1h")

    assert code == 64
    assert "Empty the seat" in out
    assert "nobody to answer" in err


def test_cells_that_do_not_answer_are_said_with_the_mend(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "unsit", "calibrate", *CELLS, "--tare", "--state-dir", tmp_path],
        env=os.environ | {"GPIOZERO_PIN_FACTORY": "unsit_sim"},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert ended.returncode == 69
    assert re.search(r"gave 0 readings in 8 s: \w+; check the wiring", ended.stderr)


def test_a_mat_has_nothing_to_calibrate() -> None:
    ended = run("calibrate", "--tare")

    assert ended.code == 64
    assert "seat.kind = 'mat': there is nothing to calibrate" in ended.err


def test_a_calibration_of_other_cells_is_refused(tmp_path: Path) -> None:
    (tmp_path / "load_cells.json").write_text('{"cells": {"left": {}, "right": {}}}')

    code, _, err = calibrate(tmp_path, "--tare", script="stand 1h")

    assert code == 78
    assert "a calibration of left, right, and the cells are seat" in err


def test_what_is_recorded_of_cells_is_counts_that_replay(tmp_path: Path) -> None:
    file = tmp_path / "raw.csv"
    with Program(
        "record", str(file), *CELLS, env=SIMULATED | {"UNSIT_SIM_SCRIPT": "stand 3s, sit 1h"}
    ) as program:
        program.wait_for("recording to")
        wait_for_rows(file, 70)
    lines = file.read_text().splitlines()

    assert lines[0] == "ts,raw"
    assert kinds(replayed(str(file), "--set", "seat.sit_dwell=0"))[0] == "bout_started"


def wait_for_rows(file: Path, rows: int) -> None:
    """Follows a file until it has so many lines."""
    with subprocess.Popen(
        ["timeout", "90", "tail", "-n", "+1", "-f", file], stdout=subprocess.PIPE
    ) as tail:
        assert tail.stdout is not None
        for _ in range(rows):
            assert tail.stdout.readline(), "the recording is too short"
        tail.terminate()
