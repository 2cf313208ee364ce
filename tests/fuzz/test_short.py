"""The short form of the fuzzing, with hypothesis; ``make fuzz`` is the long one."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_anybody_sends_or_writes_ends_the_program(name: str, tmp_path: Path) -> None:
    target = TARGETS[name](tmp_path)

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=300))
    def takes(data: bytes) -> None:
        target.take(data)

    takes()
