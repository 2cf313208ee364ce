"""load-cells.md: its facts match the code, and its examples run."""

import re
from collections.abc import Callable
from pathlib import Path

from unsit_firmware.converters import Counters, hx711, hx711_spi, iio, nau7802
from unsit_firmware.converters.hx711 import POWER_DOWN_S, PULSE_MAX_S

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "firmware" / "load-cells.md").read_text(encoding="utf-8")
PINNED, MODELLED = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)

RunProgram = Callable[..., str]


def test_the_example_of_the_driver_reads_a_person(run_on_simulated_pins: RunProgram) -> None:
    printed = run_on_simulated_pins(
        PINNED, UNSIT_SIM_SCRIPT="sit 1h", UNSIT_SIM_HX711="5:6", UNSIT_SIM_LOAD="75"
    )

    assert printed.splitlines()[0] in ("not ready", "settling")
    assert printed.splitlines()[-1] == "8 x 100,000 counts; 1 frame"


def test_the_example_of_the_model_reads_and_breaks(run_on_simulated_pins: RunProgram) -> None:
    assert run_on_simulated_pins(MODELLED) == "53685 counts at 1.0 s\ndata wire low\n"


def test_every_converter_is_named_with_its_module() -> None:
    named = dict(re.findall(r"^\| `(\w+)\(.*?\)` \| `converters\.(\w+)` \|", TEXT, re.MULTILINE))
    modules = {module.__name__.rpartition(".")[2]: module for module in (hx711, hx711_spi)}
    modules |= {module.__name__.rpartition(".")[2]: module for module in (iio, nau7802)}

    assert set(named.values()) == set(modules)
    assert all(hasattr(modules[module], name) for name, module in named.items())


def test_the_figures_are_those_of_the_code() -> None:
    assert f"over {PULSE_MAX_S * 1e6:.0f} us" in TEXT
    assert f"after {POWER_DOWN_S * 1e6:.0f} us" in TEXT
    assert all(f"`{name}`" in TEXT for name in Counters.__dataclass_fields__)
