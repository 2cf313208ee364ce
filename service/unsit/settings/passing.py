"""Marks a type with what its values pass through when pydantic validates them.

pydantic has the like, but whoever names them has pydantic in memory from then on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Before:
    """``read`` gets what was written, before pydantic does; it raises ValueError to refuse."""

    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """See pydantic's documentation of custom types."""
        from pydantic_core.core_schema import no_info_before_validator_function

        return no_info_before_validator_function(self.read, handler(source))


@dataclass(frozen=True, slots=True)
class After:
    """``check`` gets what pydantic made of it; it raises ValueError to refuse."""

    check: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """See pydantic's documentation of custom types."""
        from pydantic_core.core_schema import no_info_after_validator_function

        return no_info_after_validator_function(self.check, handler(source))
