"""The core's own ``replace`` gives what that of dataclasses gives, for each class of the core."""

import dataclasses
import importlib
import pkgutil
from typing import Any

import pytest

import unsit.core
from unsit.core.chair import Chair
from unsit.core.instant import replace


def classes() -> list[type]:
    """Return every frozen dataclass of the core."""
    modules = pkgutil.walk_packages(unsit.core.__path__, "unsit.core.")
    found = [vars(importlib.import_module(module.name)).values() for module in modules]
    return sorted(
        {
            one
            for values in found
            for one in values
            if isinstance(one, type)
            and dataclasses.is_dataclass(one)
            and "__slots__" in vars(one)
            and one.__hash__ is not None
        },
        key=lambda kind: kind.__qualname__,
    )


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_one_field_is_changed_and_all_others_are_kept(kind: Any) -> None:
    assert not hasattr(kind, "__post_init__")
    names = [field.name for field in dataclasses.fields(kind)]
    if not names:
        assert replace(kind()) == kind()
        return
    before = kind(**{name: f"a {name}" for name in names})

    for name in names:
        after = replace(before, **{name: "changed"})

        assert after == dataclasses.replace(before, **{name: "changed"})
        assert hash(after) != hash(before)


def test_a_field_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        replace(Chair(), unknown=1)  # type: ignore[call-arg]
