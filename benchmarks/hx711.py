"""Measure the HX711 drivers on a machine that delays them, and on a noisy wire.

    python benchmarks/hx711.py [--frames 100000]

Meanwhile a busy program runs on every core. Each line has the number of frames, the number of wrong
readings, the share of refused frames, and the share of frames without a reading: a refused frame
may have put the chip to sleep, and it takes 0.5 s to settle again.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import hx711_stress


def main() -> None:
    """Print a line for each stress."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=100_000)
    frames = parser.parse_args().frames
    with hx711_stress.busy_cores():
        for chance in (1e-5, 1e-4, 1e-3):
            show(
                f"bit-banged, simulated time, chance of a delay {chance:g}",
                lambda chance=chance: hx711_stress.delayed(frames, chance, seed=1),
            )
        for chance in (0, 2e-6):
            show(
                f"bit-banged, real time, chance of a delay {chance:g}",
                lambda chance=chance: hx711_stress.on_real_time(frames, chance, seed=1),
            )
        show("SPI, one wrong sample in each frame", lambda: hx711_stress.glitched(frames, seed=1))


def show(name: str, stress: object) -> None:
    """Run one stress and print its line."""
    start = time.perf_counter()
    figures = stress()  # type: ignore[operator]
    print(
        f"{name}: {figures.asked} frames, {figures.wrong} wrong, "
        f"{figures.rejected / figures.asked:.2%} refused, "
        f"{figures.discarded:.2%} without a reading ({time.perf_counter() - start:.0f} s)",
        flush=True,
    )


if __name__ == "__main__":
    main()
