"""Sizes of ``sizes.scad``, the one source of the printed parts, the pictures and the pages."""

import ast
import operator
import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("sizes.scad")

Value = float | tuple["Value", ...]

_LINE = re.compile(r"(\w+) = (.+?); +// (.+)")
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@cache
def read(text: str) -> dict[str, Value]:
    """Return the values of a file of sizes by name.

    Raises ValueError for a line that is no comment and no size with its meaning.
    """
    values: dict[str, Value] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("//"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(
                f"{FILE.name}:{number}: cannot read {line!r}; expected 'name = value; // meaning'"
            )
        values[match[1]] = _value(ast.parse(match[2], mode="eval").body, values)
    return values


def _value(node: ast.expr, known: dict[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -float(number)
        case ast.List(elts=parts):
            return tuple(_value(part, known) for part in parts)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            one, other = _value(left, known), _value(right, known)
            if isinstance(one, float) and isinstance(other, float):
                return float(_OPERATORS[type(op)](one, other))
    raise ValueError(f"{FILE.name}: cannot compute {ast.unparse(node)!r} from earlier sizes")


def number(name: str) -> float:
    """Return a size that is one number, in millimetres or kilograms."""
    value = read(FILE.read_text(encoding="utf-8"))[name]
    if not isinstance(value, float):
        raise TypeError(f"{name} of {FILE.name} is {value}; expected one number")
    return value


def numbers(name: str) -> tuple[float, ...]:
    """Return a size that has several numbers, such as length, width and height."""
    value = read(FILE.read_text(encoding="utf-8"))[name]
    if isinstance(value, float):
        raise TypeError(f"{name} of {FILE.name} is {value}; expected several numbers")
    return tuple(part for part in value if isinstance(part, float))
