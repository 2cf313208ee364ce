"""Mat and button: the reported edges, their ages, and lost edges."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from gpiozero import DeviceClosed, GPIOPinInUse, PinInvalidPin

from unsit_firmware import Contact, PressureMat, PushButton
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPin, SimulatedPins

PIN = 17
TIMEOUT_S = 60.0


class EdgeLog:
    """Record of the edges of a contact."""

    def __init__(self) -> None:
        self.edges: list[tuple[bool, float]] = []

    def __call__(self, pressed: bool, age: float) -> None:
        self.edges.append((pressed, age))

    @property
    def levels(self) -> list[bool]:
        return [pressed for pressed, _ in self.edges]


@pytest.fixture
def edge_log() -> EdgeLog:
    return EdgeLog()


@pytest.fixture
def contact(pins: SimulatedPins) -> SimulatedContact:
    """Return the simulated contact, wired before any device is created."""
    return SimulatedContact(pins.pin(PIN))


@pytest.fixture
def mat(pins: SimulatedPins, contact: SimulatedContact, edge_log: EdgeLog) -> Iterator[PressureMat]:
    with PressureMat(PIN, when_changed=edge_log, pin_factory=pins) as mat:
        yield mat


@contextmanager
def losing_edges(pin: Any) -> Iterator[None]:
    """Make the back end lose every edge of the pin within the block."""
    handler, pin.when_changed = pin.when_changed, None
    yield
    pin.when_changed = handler


def test_a_seat_taken_before_the_start_is_read_and_reported_as_no_edge(
    pins: SimulatedPins, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    contact.set(True)
    with PressureMat(PIN, when_changed=edge_log, pin_factory=pins) as mat:
        assert mat.pressed
        mat.reread()
        assert edge_log.edges == []
        contact.set(False)
        assert edge_log.levels == [False]


def test_a_seat_empty_at_the_start_is_read_and_reported_as_no_edge(
    mat: PressureMat, edge_log: EdgeLog
) -> None:
    mat.reread()
    assert not mat.pressed
    assert edge_log.edges == []


def test_sitting_down_and_standing_up_are_reported_as_they_happen(
    mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    for pressed in (True, False, True):
        contact.set(pressed)
        assert edge_log.levels[-1] is pressed
        assert mat.pressed is pressed
    assert edge_log.levels == [True, False, True]
    assert all(0 <= age < 1 for _, age in edge_log.edges)
    assert mat.missed_edges == 0


def test_a_normally_closed_contact_is_pressed_when_it_opens(
    pins: SimulatedPins, edge_log: EdgeLog
) -> None:
    pin = pins.pin(PIN)
    pin.connect(False)
    with Contact(PIN, normally_closed=True, when_changed=edge_log, pin_factory=pins) as contact:
        assert not contact.pressed
        pin.connect(None)
        assert contact.pressed
        pin.connect(False)
        assert not contact.pressed
    assert edge_log.levels == [True, False]


def test_a_normally_closed_contact_pressed_at_the_start_is_read_so(
    pins: SimulatedPins, edge_log: EdgeLog
) -> None:
    with PressureMat(PIN, normally_closed=True, when_changed=edge_log, pin_factory=pins) as mat:
        assert mat.pressed
    assert edge_log.edges == []


def test_a_simulated_contact_that_is_normally_closed_agrees_with_the_device(
    pins: SimulatedPins, edge_log: EdgeLog
) -> None:
    contact = SimulatedContact(pins.pin(PIN), normally_closed=True)
    with PressureMat(PIN, normally_closed=True, when_changed=edge_log, pin_factory=pins) as mat:
        assert not mat.pressed
        contact.set(True)
        assert mat.pressed
    assert edge_log.levels == [True]


def test_a_level_set_twice_on_the_contact_is_no_edge(
    mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    for pressed in (False, True, True, False, False):
        contact.set(pressed)
    assert edge_log.levels == [True, False]


def test_a_level_reported_twice_by_the_back_end_is_no_edge(
    mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog, pins: SimulatedPins
) -> None:
    contact.set(True)
    mat.pin.when_changed(pins.ticks(), False)
    assert edge_log.levels == [True]


def test_an_edge_that_the_back_end_lost_is_found_by_reading_again_and_counted(
    mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    with losing_edges(mat.pin):
        contact.set(True)
    assert mat.pressed
    assert edge_log.edges == []
    mat.reread()
    assert edge_log.levels == [True]
    assert mat.missed_edges == 1


def test_a_found_edge_is_found_once_and_the_next_edge_is_reported(
    mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    with losing_edges(mat.pin):
        contact.set(True)
    mat.reread()
    mat.reread()
    contact.set(False)
    assert edge_log.levels == [True, False]
    assert mat.missed_edges == 1


def test_a_lost_edge_of_a_normally_closed_contact_is_found_with_the_right_level(
    pins: SimulatedPins, edge_log: EdgeLog
) -> None:
    contact = SimulatedContact(pins.pin(PIN), normally_closed=True)
    with PressureMat(PIN, normally_closed=True, when_changed=edge_log, pin_factory=pins) as mat:
        with losing_edges(mat.pin):
            contact.set(True)
        mat.reread()
    assert edge_log.levels == [True]


def test_two_lost_edges_that_cancel_each_other_leave_nothing_to_find(
    mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    with losing_edges(mat.pin):
        contact.set(True)
        contact.set(False)
    mat.reread()
    assert edge_log.edges == []
    assert mat.missed_edges == 0


def test_a_found_edge_has_the_time_of_the_reading(edge_log: EdgeLog) -> None:
    now = [100.0]
    pins = SimulatedPins(lambda: now[0])
    contact = SimulatedContact(pins.pin(PIN))
    with PressureMat(PIN, when_changed=edge_log, pin_factory=pins) as mat:
        with losing_edges(mat.pin):
            contact.set(True)
        now[0] = 107.0
        mat.reread()
        now[0] = 109.0
        assert mat.active_time == 2.0
    assert edge_log.edges == [(True, 0.0)]


def test_a_found_edge_ends_the_waits_of_gpiozero(
    mat: PressureMat, contact: SimulatedContact
) -> None:
    with losing_edges(mat.pin):
        contact.set(True)
    assert not mat.wait_for_active(0)
    mat.reread()
    assert mat.wait_for_active(0)


@pytest.mark.parametrize(
    ("stamp", "age"),
    [
        pytest.param(1000.0, 0.0, id="now"),
        pytest.param(999.75, 0.25, id="a moment ago"),
        pytest.param(990.0, 10.0, id="as old as an edge can be"),
        pytest.param(989.5, 0.0, id="older than that"),
        pytest.param(1000.5, 0.0, id="from the future"),
        pytest.param(1_767_600_000.0, 0.0, id="of the wall clock"),
        pytest.param(0.0, 0.0, id="of a clock that stands still"),
    ],
)
def test_the_age_of_an_edge_is_that_of_its_stamp_unless_that_is_of_another_clock(
    stamp: float, age: float, edge_log: EdgeLog
) -> None:
    pins = SimulatedPins(lambda: 1000.0)
    with PressureMat(PIN, when_changed=edge_log, pin_factory=pins) as mat:
        mat.pin.when_changed(stamp, False)
    assert edge_log.edges == [(True, age)]


def test_edges_after_close_are_not_reported(
    pins: SimulatedPins, mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    contact.set(True)
    mat.close()
    contact.set(False)
    contact.set(True)
    assert edge_log.levels == [True]


def test_closing_twice_is_harmless_and_a_closed_mat_is_closed(
    mat: PressureMat,
) -> None:
    mat.close()
    mat.close()
    with pytest.raises(DeviceClosed):
        _ = mat.pressed
    with pytest.raises(DeviceClosed):
        mat.reread()


def test_a_pin_has_one_device_until_that_is_closed(
    pins: SimulatedPins, mat: PressureMat, contact: SimulatedContact
) -> None:
    with pytest.raises(GPIOPinInUse):
        PushButton(PIN, pin_factory=pins)
    mat.close()
    contact.set(True)
    with PushButton(PIN, pin_factory=pins) as button:
        assert button.pressed


def test_a_pin_that_does_not_exist_is_refused_as_gpiozero_does(pins: SimulatedPins) -> None:
    with pytest.raises(PinInvalidPin):
        PressureMat(99, pin_factory=pins)


def test_a_contact_without_a_listener_can_be_read(
    pins: SimulatedPins, contact: SimulatedContact
) -> None:
    with PressureMat(PIN, pin_factory=pins) as mat:
        contact.set(True)
        assert mat.pressed


def test_gpiozero_s_own_events_work_beside_the_contact_s(
    mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    seen: list[str] = []
    mat.when_activated = lambda: seen.append("activated")
    mat.when_deactivated = lambda: seen.append("deactivated")
    contact.set(True)
    contact.set(False)
    assert seen == ["activated", "deactivated"]
    assert edge_log.levels == [True, False]


def test_a_button_reports_presses_and_asks_the_back_end_for_30_ms_of_debounce(
    pins: SimulatedPins, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    with PushButton(PIN, when_changed=edge_log, pin_factory=pins) as button:
        assert button.pin.bounce == 0.03
        contact.set(True)
        contact.set(False)
    assert edge_log.levels == [True, False]


def test_a_mat_has_no_debounce_and_a_contact_the_given_one(
    pins: SimulatedPins, mat: PressureMat
) -> None:
    assert mat.pin.bounce is None
    with Contact(27, bounce_time=0.1, pin_factory=pins) as contact:
        assert contact.pin.bounce == 0.1


def _nothing() -> None:
    """Do nothing; the default of a pin's hook."""


class InterruptedPin(SimulatedPin):
    """Pin that calls a function after a read, before the reader uses the level."""

    def __init__(self, factory: Any, info: Any) -> None:
        self.meanwhile: Callable[[], None] = _nothing
        super().__init__(factory, info)

    def _get_state(self) -> Any:
        state = super()._get_state()
        meanwhile, self.meanwhile = self.meanwhile, _nothing
        meanwhile()
        return state


def test_an_edge_during_a_reread_is_reported_last(pins: SimulatedPins, edge_log: EdgeLog) -> None:
    pin = pins.pin(PIN, pin_class=InterruptedPin)
    contact = SimulatedContact(pin)
    contact.set(True)
    back_end = threading.Thread(target=contact.set, args=(True,))

    def sit_down_again() -> None:
        back_end.start()
        back_end.join(0.2)  # with a correct lock it ends after the read

    with PressureMat(PIN, when_changed=edge_log, pin_factory=pins) as mat:
        with losing_edges(pin):
            contact.set(False)
        pin.meanwhile = sit_down_again
        mat.reread()
        back_end.join(TIMEOUT_S)
        assert mat.pressed
    assert edge_log.levels == [False, True]


def _change_levels(contact: SimulatedContact, pin: Any, times: int) -> None:
    """Sit and stand up while the back end loses every seventh edge. End seated."""
    for step in range(times):
        if step % 7 == 3:
            with losing_edges(pin):
                contact.set(step % 2 == 0)
        else:
            contact.set(step % 2 == 0)
    contact.set(True)


@pytest.mark.usefixtures("fast_thread_switches")
def test_edges_and_readings_from_two_threads_end_with_the_level_of_the_pin(
    mat: PressureMat, contact: SimulatedContact, edge_log: EdgeLog
) -> None:
    back_end = threading.Thread(target=_change_levels, args=(contact, mat.pin, 3001))
    back_end.start()
    while back_end.is_alive():
        mat.reread()
    mat.reread()
    assert mat.pressed
    assert edge_log.levels[-1] is True
    assert edge_log.levels == [step % 2 == 0 for step in range(len(edge_log.levels))]


def test_an_edge_that_is_pending_at_the_close_is_not_reported(
    pins: SimulatedPins,
) -> None:
    edges: list[bool] = []
    mat = PressureMat(17, when_changed=lambda pressed, _: edges.append(pressed), pin_factory=pins)
    pending = mat.pin.when_changed
    mat.close()
    pending(pins.ticks(), False)
    assert edges == []
