"""Tables of the docs from the outcomes of the last trials, which ``results.json`` keeps."""

import json
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version as version_of
from pathlib import Path

from brokers.servers import SERVERS, Server
from brokers.trial import CAUSES, PROMISES, Outcome, Outcomes

RESULTS = Path(__file__).with_name("results.json")

PAGE = "service/brokers.md"


@dataclass
class Result:
    """Outcomes of one trial. broker: its name. version: its version. protocol: that of MQTT."""

    broker: str
    version: str
    protocol: str
    outcomes: Outcomes

    @property
    def head(self) -> str:
        """Head of its column."""
        return f"{f'{self.broker} {self.version}'.strip()}, MQTT {self.protocol}"

    @property
    def is_spoken(self) -> bool:
        """True if the broker speaks this version of the protocol."""
        return self.outcomes.keys() == PROMISES.keys()

    @property
    def is_kept(self) -> bool:
        """True if every promise was tried and kept."""
        return all(outcome.kept for outcome in self.outcomes.values())


def read() -> list[Result]:
    """Return the results of the last trials, in the order of the table."""
    results = [
        Result(
            **{
                **entry,
                "outcomes": {key: Outcome(**outcome) for key, outcome in entry["outcomes"].items()},
            }
        )
        for entry in json.loads(RESULTS.read_text(encoding="utf-8"))["trials"]
    ]
    order = [server.name for server in SERVERS]
    return sorted(results, key=lambda result: order.index(result.broker))


def keep(results: list[Result]) -> None:
    """Replace the results of the same trials by new ones, and keep the others."""
    known = read() if RESULTS.exists() else []
    fresh = {(result.broker, result.protocol): result for result in (*known, *results)}
    document = {
        "python": ".".join(map(str, sys.version_info[:2])),
        "paho-mqtt": version_of("paho-mqtt"),
        "trials": [asdict(result) for result in fresh.values()],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    RESULTS.write_text(f"{text}\n", encoding="utf-8")


def promises_table() -> str:
    """Return the table of promises on brokers that speak the version, with its notes."""
    results = [result for result in read() if result.is_spoken]
    notes: list[str] = []
    rows = [_row("", *(result.head for result in results)), "|---" * (len(results) + 1) + "|"]
    for promise, words in PROMISES.items():
        cells = (_cell(result.outcomes[promise], notes) for result in results)
        rows.append(_row(words, *cells))
    below = [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    return "\n".join([*rows, *(["", *below] if below else []), "", _made_by()])


def causes_table() -> str:
    """Return the table of what the program says on brokers that do not speak the version."""
    rows = [_row("broker", *CAUSES.values()), "|---" * (len(CAUSES) + 1) + "|"]
    for result in read():
        if not result.is_spoken:
            cells = (_words(result.outcomes[who]) for who in CAUSES)
            rows.append(_row(result.head, *cells))
    return "\n".join(rows)


def settings_table() -> str:
    """Return the table of what to set."""
    rows = ["| broker | from | in `unsit.toml` | at the broker |", "|---|---|---|---|"]
    for server in SERVERS:
        rows.append(_row(server.name, server.origin, _own_setting(server), server.setting))
    return "\n".join(rows)


def _own_setting(server: type[Server]) -> str:
    return "nothing" if "5" in server.versions else '`mqtt.version = "3.1.1"`'


def _cell(outcome: Outcome, notes: list[str]) -> str:
    word = {True: "yes", False: "**no**", None: "not tried"}[outcome.kept]
    if not outcome.note:
        return word
    if outcome.note not in notes:
        notes.append(outcome.note)
    return f"{word} ({notes.index(outcome.note) + 1})"


def _words(outcome: Outcome) -> str:
    word = {True: "yes", False: "**no**", None: "not tried"}[outcome.kept]
    return f"{word}: `{outcome.note}`" if outcome.note else word


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _made_by() -> str:
    document = json.loads(RESULTS.read_text(encoding="utf-8"))
    return (
        f"Made by `make brokers`, with Python {document['python']} and "
        f"paho-mqtt {document['paho-mqtt']}."
    )
