"""Hostile payloads, from a seed: what anybody may retain at a broker.

Sizes, depths, broken text, wrong shapes of the chair's own messages, and characters that a terminal
obeys. The same seed gives the same payloads.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TERMINAL = (
    "\x1b[2J\x1b[H",
    "\x1b]0;owned\x07",
    "\x1b]8;;https://example.org\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31mred",
    "\x1bPq#0\x1b\\",
    "line\nok    login          forged",
    "back\b\b\b\bok  ",
    "over\rok    state          forged",
    "\x00\x07\x0c\x7f",
    "next\x85line\u2028paragraph\u2029end",
    "\u202etfel ot thgir\u202c",
    "\u2066isolated\u2069\u200f\u061c",
    "\u200b\u200d\ufeffinvisible",
    "\U000e0041\U000e007ftagged",
    "\ud800half",
    "\ue000private",
    "[bold red]markup[/bold red] [/]",
    "%s %(x)s {0} {x!r}",
    "$(touch owned) `touch owned`; touch owned",
    "é" * 40 + "\u0301" * 40,
)

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**40, "", "x", [], {}, [[]], {"a": {}}, [1, "2", None],
)  # fmt: skip

STATE_KEYS = (
    *("occupied", "sensor_fault", "storage_fault", "refused", "events_dropped", "at", "name"),
    *("version", "hold", "hold_until", "hold_reasons", "started_at", "buzzer", "seq"),
)

CONFIG_KEYS = ("origin", "device", "components", "unique_id", "dev", "cmps", "o", "state_topic")

SIZES = (4097, 65_537, 131_072, 131_073, 1_000_000, 10_000_000, 50_000_000)
OFTEN = (6, 6, 6, 6, 4, 1, 1)
"""Sizes of long payloads in bytes, and how often each comes; the largest ones take seconds."""

DEPTHS = (100, 900, 950, 990, 997, 1000, 1500, 20_000, 100_000)


@dataclass(frozen=True, slots=True)
class Hostile:
    """Payload with a name for the report of a failure."""

    name: str
    payload: bytes


def hostile(seed: int, number: int, largest: int = SIZES[-1]) -> Iterator[Hostile]:
    """Yield payloads of every kind in turn. largest: size in bytes of the largest one."""
    chance = random.Random(seed)
    kinds = [_shape, _text, _broken, _deep, _shape, _text, _large]
    for count in range(number):
        kind = kinds[count % len(kinds)]
        payload = kind(chance, largest) or b" "
        yield Hostile(f"seed {seed}, {count}: {kind.__name__[1:]} {payload[:60]!r}", payload)


def _encoded(content: Any, chance: random.Random) -> bytes:
    """Return JSON with its characters as they are, or as escapes."""
    return json.dumps(content, ensure_ascii=chance.random() < 0.5).encode(errors="surrogatepass")


def _text(chance: random.Random, largest: int) -> bytes:
    """Return characters that a terminal obeys, bare or in a place that is shown."""
    text = "".join(chance.choices(TERMINAL, k=chance.randint(1, 4)))
    shown: tuple[Any, ...] = (
        {"sensor_fault": text, "occupied": True},
        {"storage_fault": text, "refused": {text: text}},
        {"refused": {f"the client id {text}": text}},
        {"origin": {"name": text, "sw_version": text}, "components": {}},
        {"unique_id": text},
        {text: text},
    )
    if chance.random() < 0.3:
        return text.encode(errors="surrogatepass")
    return _encoded(chance.choice(shown), chance)


def _shape(chance: random.Random, largest: int) -> bytes:
    """Return a message of the chair with values of other kinds."""
    keys = STATE_KEYS if chance.random() < 0.6 else CONFIG_KEYS
    content = {key: _junk(chance) for key in keys if chance.random() < 0.7}
    if chance.random() < 0.2:
        return _encoded(chance.choice(JUNK), chance)
    return _encoded(content, chance)


def _junk(chance: random.Random) -> Any:
    value = chance.choice(JUNK)
    if chance.random() < 0.3:
        value = {chance.choice(TERMINAL): value}
    return [value] * 3 if chance.random() < 0.1 else value


def _broken(chance: random.Random, largest: int) -> bytes:
    """Return what is no text, or no JSON."""
    whole = b'{"occupied": true, "sensor_fault": null}'
    return chance.choice(
        (
            chance.randbytes(chance.randint(1, 300)),
            whole[: chance.randint(1, len(whole))],
            whole.decode().encode("utf-16"),
            b"\xef\xbb\xbf" + whole,
            b'{"a": NaN, "b": Infinity, "c": -Infinity}',
            b'{"events_dropped": ' + b"9" * 20_000 + b"}",
            b'{"events_dropped": 1e999, "sensor_fault": 1e-999}',
            b'{"sensor_fault": "\\ud800\\udc00 \\ud800"}',
            b"\xff\xfe\x00online",
            b"online\n",
            b"ONLINE",
            b"\xed\xa0\x80\xc0\x80",
        )
    )


def _deep(chance: random.Random, largest: int) -> bytes:
    """Return JSON that is nested deeply, closed or not."""
    depth = chance.choice(DEPTHS)
    opening, closing = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    nested = opening * depth + (b"1" + closing * depth) * chance.randint(0, 1)
    key = chance.choice(("sensor_fault", "refused", "origin", "storage_fault", "a"))
    return nested if chance.random() < 0.4 else b'{"%s": %s}' % (key.encode(), nested)


def _large(chance: random.Random, largest: int) -> bytes:
    """Return a long payload, which may be JSON."""
    sizes = [size for size in SIZES if size <= largest]
    [size] = chance.choices(sizes, OFTEN[: len(sizes)])
    fill = chance.choice((b"x", b"\x1b[2J", b"\n", "\u202e".encode(), b" "))
    body = (fill * (size // len(fill) + 1))[:size]
    return chance.choice((body, b'{"sensor_fault": "' + body + b'"}', b"[" * size))
