"""Table from input types to handlers."""

from typing import get_args

from unsit.core.inputs import Input
from unsit.core.transition import HANDLERS


def test_the_table_has_a_handler_for_each_input_and_nothing_else() -> None:
    assert set(HANDLERS) == set(get_args(Input))
