"""What the chair signals with, and what is pressed: buzzer, button and LED."""

from dataclasses import replace

from unsit.assembly.errors import PinError
from unsit.checkup.buzzer import find_buzzer
from unsit.settings.model import BuzzerSettings
from unsit.setup.bench import NONE, Bench
from unsit.setup.draft import Draft

KINDS = {"active": "an active", "passive": "a passive"}

AGAIN, BY_HAND, LEAVE = "again", "pin", "leave"


def ask_buzzer(draft: Draft, bench: Bench) -> None:
    """Where the buzzer is and of which kind, by listening."""
    taken = draft.taken_pins(but="buzzer.pin")
    pin = bench.ask_pin("The buzzer's BCM pin", draft.now("buzzer.pin"), taken)
    while True:
        if pin is None:
            draft.answer(buzzer__kind=NONE)
            return
        heard = _listen(replace(draft.before.buzzer, pin=pin), bench)
        if heard is not None:
            _take(heard, draft, bench)
            return
        bench.talk.say("Nobody heard it. Measure its supply and its wires, see hardware/build.md.")
        what = bench.talk.ask(
            "Try again, name another pin, leave it, or do without?",
            AGAIN,
            (AGAIN, BY_HAND, LEAVE, NONE),
        )
        if what == LEAVE:
            draft.answer(buzzer__pin=pin)
            return
        if what == BY_HAND:
            pin = bench.ask_pin("The buzzer's BCM pin", pin, taken)
        elif what == NONE:
            pin = None


def _listen(buzzer: BuzzerSettings, bench: Bench) -> BuzzerSettings | None:
    """The kind that the person hears."""
    if bench.pins is None:
        return buzzer
    start = replace(buzzer, kind="active") if buzzer.kind == NONE else buzzer
    try:
        return find_buzzer(start, bench.pins, bench.talk)
    except PinError as error:
        bench.talk.say(str(error))
        return None


def _take(heard: BuzzerSettings, draft: Draft, bench: Bench) -> None:
    level = "" if heard.active_high else ", which sounds on a low pin"
    bench.talk.say(f"The buzzer is {KINDS[heard.kind]} one at GPIO{heard.pin}{level}.")
    draft.answer(
        buzzer__kind=heard.kind, buzzer__pin=heard.pin, buzzer__active_high=heard.active_high
    )


def ask_extras(draft: Draft, bench: Bench) -> None:
    """The pins of the button and of the LED, which need not be there."""
    for key, name in (("button.pin", "button"), ("led.pin", "LED")):
        taken = draft.taken_pins(but=key)
        draft.answers[key] = bench.ask_pin(f"The {name}'s BCM pin", draft.now(key), taken)
