"""How the HX711's drivers stand a machine that holds them up, and a noisy wire.

    python benchmarks/hx711.py [--frames 100000]

Every core is hogged meanwhile. Each line says how many frames were asked for, how many wrong
readings were let through, which share of the frames was refused, and which gave no reading: a
refused frame may have put the chip to sleep, and half a second goes by until it has settled again.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import hx711_stress


def main() -> None:
    """Prints a line for each stress."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=100_000)
    frames = parser.parse_args().frames
    with hx711_stress.hogged_cores():
        for chance in (1e-5, 1e-4, 1e-3):
            show(
                f"bit-banged, modelled time, held up between operations with {chance:g}",
                lambda chance=chance: hx711_stress.held_up(frames, chance, seed=1),
            )
        for chance in (0, 2e-6):
            show(
                f"bit-banged, real time, held up between operations with {chance:g}",
                lambda chance=chance: hx711_stress.on_real_time(frames, chance, seed=1),
            )
        show("SPI, one wrong sample in each frame", lambda: hx711_stress.glitched(frames, seed=1))


def show(what: str, stress: object) -> None:
    """Runs one stress and prints its line."""
    began = time.perf_counter()
    figures = stress()  # type: ignore[operator]
    print(
        f"{what}: {figures.asked} frames, {figures.wrong} wrong, "
        f"{figures.rejected / figures.asked:.2%} refused, "
        f"{figures.discarded:.2%} without a reading ({time.perf_counter() - began:.0f} s)",
        flush=True,
    )


if __name__ == "__main__":
    main()
