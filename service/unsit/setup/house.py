"""What people read, and where Home Assistant puts the chair."""

from unsit.setup.bench import NONE, Bench
from unsit.setup.draft import Draft

LONGEST_NAME = 64


def ask_names(draft: Draft, bench: Bench) -> None:
    """The chair's name and its room."""
    name = bench.talk.ask("What is the chair called?", draft.now("chair.name"))[:LONGEST_NAME]
    if name != draft.now("chair.name"):
        draft.answer(chair__name=name)
    area = draft.now("homeassistant.area") or NONE
    said = bench.talk.ask(f"Its room in Home Assistant, or {NONE}", area)
    draft.answer(homeassistant__area=None if said == NONE else said)
