"""Payloads that are short texts."""

import json

LARGEST = 4096
"""Bytes. A larger payload is not read."""


def text_of(payload: bytes) -> str:
    """The text of a payload, without the space around it and the quotation marks of a JSON string.

    Raises ValueError for what is too large or no text.
    """
    if len(payload) > LARGEST:
        raise ValueError(f"{len(payload)} bytes; expected at most {LARGEST}")
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None
    return _unquoted(text.strip())


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text  # nor is it read as JSON, which can be nested deeper than Python goes
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text
