"""SVG pictures with a background of their own, for light and dark pages, and a description."""

from collections.abc import Iterable
from html import escape

WIDTH = 360
"""Width of every picture in units. On a phone, a unit is about a pixel."""

STYLE = (
    'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",Arial,sans-serif;'
    "font-size:13px;fill:#1b2430}"
    ".title{font-size:17px;font-weight:700}.note{fill:#4a5566}.b{font-weight:700}"
    ".pin{font-size:11px}.c{text-anchor:middle}.e{text-anchor:end}"
)


class Picture:
    """SVG picture; shapes and text are drawn in the order of the calls.

    title: title of the picture. description: its content for people who cannot see it.
    height: in units.
    """

    def __init__(self, title: str, description: str, height: float) -> None:
        self._title, self._description, self._height = title, description, height
        self._shapes: list[str] = []

    def shape(self, tag: str, **attributes: object) -> None:
        """Add an element without content. Underscores in attribute names become hyphens."""
        self._shapes.append(f"<{tag}{_attributes(attributes)}/>")

    def begin(self, **attributes: object) -> None:
        """Begin a group: its attributes hold for all shapes until ``end``."""
        self._shapes.append(f"<g{_attributes(attributes)}>")

    def end(self) -> None:
        """End the group."""
        self._shapes.append("</g>")

    def text(self, x: float, y: float, words: str, style: str = "", ink: str = "") -> None:
        """Add a line of text.

        style: classes, such as c (centred at x) and e (ends at x). ink: another colour.
        """
        attributes: dict[str, object] = {"x": x, "y": y}
        attributes |= {"class": style} if style else {}
        attributes |= {"style": f"fill:{ink}"} if ink else {}
        self._shapes.append(f"<text{_attributes(attributes)}>{escape(words)}</text>")

    def lines(self, x: float, y: float, words: Iterable[str]) -> None:
        """Add lines of a note, from top to bottom."""
        for nth, line in enumerate(words):
            self.text(x, y + 17 * nth, line, "note")

    def __str__(self) -> str:
        size = f'viewBox="0 0 {WIDTH} {_number(self._height)}"'
        height = _number(self._height - 1)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">'
        paper = (
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height}" rx="10"'
            ' fill="#fbfaf7" stroke="#c9c4b8"/>'
        )
        words = [
            f'<title id="t">{escape(self._title)}</title>',
            f'<desc id="d">{escape(self._description)}</desc>',
            f"<style>{STYLE}</style>",
        ]
        return "\n".join([head, *words, paper, *self._shapes, "</svg>", ""])


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(
        f' {name.replace("_", "-")}="{escape(_number(value))}"'
        for name, value in attributes.items()
    )


def _number(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
