"""Short form of the fuzzing, with hypothesis; ``make fuzz`` is the long one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.targets import TARGETS
from support.examples import examples


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_from_outside_ends_the_program(name: str, tmp_path: Path) -> None:
    target = TARGETS[name](tmp_path)

    @examples(1200)
    @given(st.binary(max_size=300))
    def takes(data: bytes) -> None:
        target.take(data)

    takes()
