"""Lines of config.txt that systemd/install adds for the settings of the chairs."""

import runpy
from pathlib import Path

import pytest

BOARD = runpy.run_path(str(Path(__file__).parents[1] / "systemd" / "parts" / "board.py"))
BUSES = ["dtparam=i2c_arm=on", "module i2c-dev", "dtparam=spi=on"]
CELLS = "[seat]\nkind = 'load_cell'\n[load_cell]\n"


def lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *chairs: str, config: str = ""
) -> list[str]:
    text = tmp_path / "config.txt"
    text.write_text(config)
    for number, chair in enumerate(chairs):
        (tmp_path / f"{number}.toml").write_text(chair)
    BOARD["main"](str(text), *map(str, sorted(tmp_path.glob("*.toml"))))
    return [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("chairs", "expected"),
    [
        ([""], ["gpio=18=op,dl", *BUSES]),
        (["[buzzer]\nactive_high = false"], ["gpio=18=op,dh", *BUSES]),
        (["[buzzer]\nkind = 'none'"], BUSES),
        (["", "[buzzer]\npin = 24"], ["gpio=18=op,dl", "gpio=24=op,dl", *BUSES]),
        (["[seat]\npin = 2"], ["gpio=18=op,dl", "dtparam=spi=on"]),
        (["[button]\npin = 9"], ["gpio=18=op,dl", *BUSES[:2]]),
        (
            [f"{CELLS}converter = 'nau7802'\ncells = 'left,right'\nat = '1,3'"],
            ["gpio=18=op,dl", *BUSES, "dtoverlay=i2c-gpio,bus=3"],
        ),
        (
            [f"{CELLS}cells = 'left,right'\nat = '0.0,1.0'"],
            ["gpio=18=op,dl", *BUSES, "dtoverlay=spi1-1cs,cs0_pin=16"],
        ),
        (
            [f"{CELLS}converter = 'hx711'\nat = '2:3'"],
            ["gpio=18=op,dl", "dtparam=spi=on"],
        ),
    ],
)
def test_the_lines_follow_the_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], chairs: list[str], expected: list[str]
) -> None:
    assert lines(tmp_path, capsys, *chairs) == expected


@pytest.mark.parametrize(
    ("config", "missing"),
    [
        ("dtparam=spi=on\n", ["gpio=18=op,dl", *BUSES[:2]]),
        ("dtparam=spi=on\r\n", ["gpio=18=op,dl", *BUSES[:2]]),
        ("gpio=18=op,dl", BUSES),
        ("[cm4]\ndtparam=spi=on\n", ["gpio=18=op,dl", *BUSES]),
        ("[cm4]\n[all]\ndtparam=spi=on\n", ["gpio=18=op,dl", *BUSES[:2]]),
        ("# dtparam=spi=on\n", ["gpio=18=op,dl", *BUSES]),
        ("dtparam=i2c_arm=off\n", ["gpio=18=op,dl", "dtparam=spi=on"]),
        ("# unsit begin\ndtparam=spi=on\n# unsit end\n", ["gpio=18=op,dl", *BUSES]),
    ],
)
def test_what_config_txt_says_already_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], config: str, missing: list[str]
) -> None:
    assert lines(tmp_path, capsys, "", config=config) == missing


def test_a_bus_that_the_cells_need_is_switched_on_although_it_was_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    off = "dtparam=spi=off\n"

    assert "dtparam=spi=on" in lines(tmp_path, capsys, CELLS, config=off)
