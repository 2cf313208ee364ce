"""``unsit check``: which back end is in use and why, and each pin with what is found at it."""

from cli.program import run

ON_SIMULATED_PINS = {"GPIOZERO_PIN_FACTORY": "unsit_sim"}


def test_it_names_the_back_end_and_the_reason_and_looks_at_each_pin() -> None:
    wired = ("--set", "button.pin=27", "--set", "led.pin=22")

    ended = run("check", *wired, env=ON_SIMULATED_PINS)

    assert (ended.code, ended.err) == (0, "")
    assert ended.lines == [
        "ok    settings    2 of them are not the default; see: unsit config",
        "ok    pins        unsit_sim, because GPIOZERO_PIN_FACTORY names it",
        "ok    seat.pin    GPIO17 is free; the circuit is open: not pressed",
        "ok    buzzer.pin  GPIO18 is free; an output that is off",
        "ok    button.pin  GPIO27 is free; the circuit is open: not pressed",
        "ok    led.pin     GPIO22 is free; an output that is off",
    ]


def test_a_mat_that_is_pressed_is_seen_and_one_that_opens_is_read_the_other_way_round() -> None:
    person = ON_SIMULATED_PINS | {"UNSIT_SIM_SCRIPT": "sit 1h"}
    normally_closed = ("--set", "seat.normally_closed=true", "--set", "buzzer.kind=none")

    assert "the circuit is closed to ground: pressed" in run("check", env=person).out
    opening = run("check", *normally_closed, env=ON_SIMULATED_PINS)
    assert opening.lines[-1].endswith("the circuit is open: pressed")


def test_load_cells_are_looked_at_in_place_of_a_mat() -> None:
    cells = ("--set", "seat.kind=load_cell", "--set", "load_cell.converter=hx711")

    ended = run("check", *cells, env=ON_SIMULATED_PINS)

    assert ended.code == 0
    assert ended.lines[2] == (
        "ok    load_cell   hx711 at 5:6 is free; what it reads: unsit calibrate"
    )
    assert "seat.pin" not in ended.out


def test_a_bus_that_is_not_there_is_a_failure_that_names_it() -> None:
    spi = ("--set", "seat.kind=load_cell", "--set", "load_cell.converter=iio")

    ended = run("check", *spi, env=ON_SIMULATED_PINS)

    assert ended.code == 69
    assert ended.lines[2].startswith("fail  load_cell   ")


def test_pins_that_are_not_there_are_a_failure_with_the_reason_and_its_exit_code() -> None:
    absent = {"GPIOZERO_PIN_FACTORY": "gpiod", "GPIOZERO_GPIOD_CHIP": "/dev/gpiochip99"}

    ended = run("check", env=absent)

    assert (ended.code, ended.err) == (69, "")
    assert ended.lines[-1].startswith("fail  pins        /dev/gpiochip99 cannot be opened: ")


def test_bad_settings_end_it_before_anything_is_touched() -> None:
    ended = run("check", "--set", "seat.pin=99", env=ON_SIMULATED_PINS)

    assert ended.code == 78
    assert "seat.pin" in ended.complaint
