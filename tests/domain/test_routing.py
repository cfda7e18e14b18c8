"""What an event does, and that the order in which Pub/Sub delivers events does not matter."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, permutations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND, config, event, incident
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Action, Event, Severity
from tocsin.domain.config import Service, ServiceUrgency, Urgency
from tocsin.domain.incident import Incident, Status, acknowledge, resolve
from tocsin.domain.opening import Minted, open_incident, urgency
from tocsin.domain.routing import Around, Outcome, Pointer, Routed, decide
from tocsin.domain.rules import Path
from tocsin.moment import Moment
from tocsin.route import route

CONFIG = config()
MINTED = Minted("i2", "n2")
OPEN = incident()
ACKNOWLEDGED = acknowledge(OPEN, "Ada", NOW, "by text")
RESOLVED = resolve(OPEN, "Ada", NOW + MINUTE, "by text")
HERE = Pointer(incident="i1")
NOTHING = Pointer()
LATER = NOW + HOUR


def at(seconds: float) -> datetime:
    return NOW + seconds * SECOND


def decided(action: Action, seconds: float, pointer: Pointer, current: Incident | None) -> Routed:
    return decide(event(action, seconds), pointer, current, CONFIG, MINTED, LATER)


CLOSED = Pointer(resolved_through=at(9))
HEARD = Pointer("i1", acknowledged_through=at(9))
OVERTAKING = incident(triggered_at=at(10))


@pytest.mark.parametrize(
    ("action", "seconds", "pointer", "current", "outcome", "reason"),
    [
        (Action.TRIGGER, 0, NOTHING, None, Outcome.OPENED, "opened a new incident"),
        (Action.TRIGGER, 90, HERE, RESOLVED, Outcome.OPENED, "opened a new incident"),
        (Action.TRIGGER, 5, HERE, OPEN, Outcome.JOINED, "joined an incident that is triggered"),
        (Action.TRIGGER, 5, HERE, ACKNOWLEDGED, Outcome.JOINED, "joined an incident that is acknowledged"),
        (Action.TRIGGER, 5, Pointer(acknowledged_through=at(9)), None, Outcome.OPENED, "opened, acknowledged already"),
        (Action.TRIGGER, 5, HEARD, OPEN, Outcome.JOINED, "joined an incident that is triggered"),
        (Action.TRIGGER, 5, HEARD, OVERTAKING, Outcome.JOINED, "joined; its acknowledge had overtaken it"),
        (Action.TRIGGER, 5, HERE, OVERTAKING, Outcome.JOINED, "joined an incident that is triggered"),
        (Action.TRIGGER, 30, HERE, RESOLVED, Outcome.LATE, "older than the resolve: opens nothing"),
        (Action.TRIGGER, 5, CLOSED, None, Outcome.LATE, "older than the resolve: opens nothing"),
        (Action.ACKNOWLEDGE, 5, HERE, OPEN, Outcome.ACKNOWLEDGED, "acknowledged by the integration"),
        (Action.ACKNOWLEDGE, 5, HERE, ACKNOWLEDGED, Outcome.ACKNOWLEDGED, "already acknowledged by Ada"),
        (Action.ACKNOWLEDGE, 5, NOTHING, None, Outcome.NOTHING_OPEN, "nothing is open for this dedup key: dropped"),
        (Action.ACKNOWLEDGE, 90, HERE, RESOLVED, Outcome.NOTHING_OPEN, "nothing is open for this dedup key: dropped"),
        (Action.RESOLVE, 5, HERE, OPEN, Outcome.RESOLVED, "resolved by the integration"),
        (Action.RESOLVE, 5, HERE, ACKNOWLEDGED, Outcome.RESOLVED, "resolved by the integration"),
        (Action.RESOLVE, 5, NOTHING, None, Outcome.NOTHING_OPEN, "nothing is open for this dedup key: dropped"),
        (Action.RESOLVE, 90, HERE, RESOLVED, Outcome.NOTHING_OPEN, "nothing is open for this dedup key: dropped"),
        (Action.RESOLVE, -5, HERE, OPEN, Outcome.LATE, "older than the trigger that opened the incident"),
        (Action.CHANGE, 5, HERE, OPEN, Outcome.RECORDED, "change events are recorded and never page"),
    ],
)  # fmt: skip
def test_each_outcome_has_its_reason(
    action: Action, seconds: float, pointer: Pointer, current: Incident | None, outcome: Outcome, reason: str
) -> None:
    routed = decided(action, seconds, pointer, current)
    assert (routed.outcome, routed.reason) == (outcome, reason)


def test_a_new_incident_is_paged_and_pointed_at() -> None:
    routed = decided(Action.TRIGGER, 0, NOTHING, None)
    assert routed.incident
    assert routed.pointer == Pointer(incident="i2", openings=(NOW,))
    assert (routed.incident.id, routed.incident.nonce, routed.incident.level) == ("i2", "n2", 1)
    assert {one.user for one in routed.incident.new} == {"ada"}
    assert (routed.incident.opened_at, routed.incident.triggered_at) == (LATER, NOW)


def test_a_duplicate_writes_nothing_but_its_own_event() -> None:
    """A storm of duplicates must not contend with the acknowledge that ends it."""
    for current in (OPEN, ACKNOWLEDGED):
        routed = decided(Action.TRIGGER, 5, HERE, current)
        assert (routed.incident, routed.pointer) == (None, None)


def test_of_the_same_instant_the_answer_came_first_and_the_trigger_counts() -> None:
    """Trouble that is stated while it is answered or ends is paged rather than lost."""
    assert decided(Action.TRIGGER, 9, CLOSED, None).reason == "opened a new incident"
    assert decided(Action.TRIGGER, 9, Pointer(acknowledged_through=at(9)), None).reason == "opened a new incident"


def test_of_the_same_instant_an_answer_is_meant_for_the_incident() -> None:
    assert decided(Action.ACKNOWLEDGE, 0, HERE, OPEN).outcome is Outcome.ACKNOWLEDGED
    assert decided(Action.RESOLVE, 0, HERE, OPEN).outcome is Outcome.RESOLVED


def test_an_acknowledge_of_the_incidents_own_instant_is_not_done_again_by_a_late_trigger() -> None:
    heard = Pointer("i1", acknowledged_through=at(10))
    joined = decided(Action.TRIGGER, 5, heard, OVERTAKING).incident
    assert joined
    assert (joined.status, joined.triggered_at) == (Status.TRIGGERED, at(5))


def test_a_repeat_of_the_same_instant_writes_nothing() -> None:
    assert decided(Action.TRIGGER, 0, HERE, OPEN).incident is None


def test_a_trigger_that_was_overtaken_makes_the_incident_as_old_as_itself() -> None:
    """An acknowledge or resolve between the two would otherwise seem too old for the incident."""
    for pointer, status in ((HERE, Status.TRIGGERED), (HEARD, Status.ACKNOWLEDGED)):
        joined = decided(Action.TRIGGER, 5, pointer, OVERTAKING).incident
        assert joined
        assert (joined.triggered_at, joined.status) == (at(5), status)


def test_what_was_to_be_silent_does_not_make_a_later_incident_older() -> None:
    silent = Around(Path(by={"suppress": "tests"}, suppress=True))

    def outcome(seconds: float) -> Outcome:
        return decide(event(Action.TRIGGER, seconds), HERE, OVERTAKING, CONFIG, MINTED, LATER, silent).outcome

    assert (outcome(5), outcome(15)) == (Outcome.SUPPRESSED, Outcome.JOINED)


def test_an_acknowledge_that_has_done_its_work_is_not_done_again_by_a_late_trigger() -> None:
    """Somebody may have escalated since: the incident is triggered again on purpose."""
    assert decided(Action.TRIGGER, 5, HEARD, OPEN).incident is None


def test_what_opens_acknowledged_pages_nobody() -> None:
    routed = decided(Action.TRIGGER, 5, Pointer(acknowledged_through=at(9)), None)
    assert routed.incident
    assert (routed.incident.status, routed.incident.new, routed.incident.next_at) == (Status.ACKNOWLEDGED, (), None)


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.RESOLVE])
def test_what_finds_nothing_leaves_its_mark_for_a_trigger_that_it_overtook(action: Action) -> None:
    marked = decided(action, 5, NOTHING, None).pointer
    assert marked
    assert marked in {Pointer(acknowledged_through=at(5)), Pointer(resolved_through=at(5))}
    earlier = decided(action, 2, marked, None).pointer
    assert earlier == marked


def test_an_acknowledge_of_what_is_acknowledged_leaves_its_mark_as_well() -> None:
    marked = decided(Action.ACKNOWLEDGE, 5, HERE, ACKNOWLEDGED).pointer
    assert marked == Pointer("i1", acknowledged_through=at(5))


def test_an_incident_takes_over_what_its_alert_says() -> None:
    told = event(Action.TRIGGER, link="https://shop.example", affected="web-1", details="all of it")
    opened = open_incident(told, CONFIG, MINTED, LATER)
    assert (opened.link, opened.affected, opened.details) == ("https://shop.example", "web-1", "all of it")
    assert (opened.title, opened.severity, opened.dedup_key) == ("checkout is down", Severity.CRITICAL, "k1")
    assert (opened.integration, opened.service, opened.service_name) == ("alertmanager", "checkout", "Checkout")
    assert (opened.levels, opened.repeat) == (CONFIG.policies["shop"].levels, 0)


def test_an_incident_repeats_as_often_as_its_policy_says() -> None:
    assert open_incident(event(Action.TRIGGER), config(repeat=2), MINTED, LATER).repeat == 2


def test_an_unknown_service_goes_to_the_catch_all() -> None:
    stranger = replace(event(Action.TRIGGER), service="gone")
    routed = decide(stranger, NOTHING, None, CONFIG, MINTED, LATER)
    assert routed.incident
    assert {one.user for one in routed.incident.new} == {"dana"}
    assert (routed.incident.service_name, routed.incident.repeat) == ("gone", 0)


def test_a_service_whose_policy_is_gone_goes_to_the_catch_all() -> None:
    orphan = config(services={"checkout": Service("checkout", "Checkout", "gone")})
    routed = decide(event(Action.TRIGGER), NOTHING, None, orphan, MINTED, LATER)
    assert routed.incident
    assert {one.user for one in routed.incident.new} == {"dana"}


@pytest.mark.parametrize(
    ("severity", "by_severity"),
    [
        (Severity.CRITICAL, Urgency.HIGH),
        (Severity.ERROR, Urgency.HIGH),
        (Severity.UNKNOWN, Urgency.HIGH),
        (Severity.WARNING, Urgency.LOW),
        (Severity.INFO, Urgency.LOW),
    ],
)
def test_only_warnings_and_information_are_quiet(severity: Severity, by_severity: Urgency) -> None:
    checkout = Service("checkout", "Checkout", "shop")
    assert urgency(checkout, severity, NOW) is by_severity
    assert urgency(replace(checkout, urgency=ServiceUrgency.HIGH), severity, NOW) is Urgency.HIGH
    assert urgency(replace(checkout, urgency=ServiceUrgency.LOW), severity, NOW) is Urgency.LOW


def test_an_incident_without_a_service_is_urgent() -> None:
    quiet = replace(event(Action.TRIGGER, severity=Severity.INFO), service="gone")
    assert open_incident(quiet, CONFIG, MINTED, LATER).urgency is Urgency.HIGH


# Deliveries


class NoQueue:
    """Takes every task and carries none."""

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        pass


@dataclass(frozen=True)
class Standing:
    """What a night ends with: how many incidents are open, and whether they are acknowledged."""

    open: int
    acknowledged: int


def standing(store: EmbeddedStore) -> Standing:
    found = Counter(data["status"] for _, data in store.query("incidents", limit=1000))
    return Standing(found[Status.TRIGGERED] + found[Status.ACKNOWLEDGED], found[Status.ACKNOWLEDGED])


def delivered(events: Sequence[Event]) -> Standing:
    """Deliver the events in this order to an empty pager and give how it stands."""
    store, ids = EmbeddedStore(":memory:"), count(1)
    for number, one in enumerate(events):
        moment = Moment(NOW + HOUR + number * SECOND, CONFIG, lambda: f"{next(ids):032x}")
        route(one, store, NoQueue(), moment)
        assert standing(store).open <= 1, "one dedup key has two open incidents"
    ended = [data for _, data in store.query("events", limit=1000)]
    assert sorted(data["event"]["id"] for data in ended) == sorted({one.id for one in events})
    assert {data["outcome"] for data in ended} <= set(Outcome)
    stands = standing(store)
    store.close()
    return stands


def published(actions: Sequence[Action]) -> list[Event]:
    return [event(action, seconds) for seconds, action in enumerate(actions)]


T, A, R = Action.TRIGGER, Action.ACKNOWLEDGE, Action.RESOLVE


@pytest.mark.parametrize(
    ("actions", "stands"),
    [
        ([T], Standing(1, 0)),
        ([T, T], Standing(1, 0)),
        ([T, A], Standing(1, 1)),
        ([T, A, T], Standing(1, 1)),
        ([T, R], Standing(0, 0)),
        ([T, A, R], Standing(0, 0)),
        ([T, R, T], Standing(1, 0)),
        ([T, A, R, T], Standing(1, 0)),
        ([A, T], Standing(1, 0)),
        ([R, T], Standing(1, 0)),
        ([R, A], Standing(0, 0)),
    ],
    ids=lambda value: "".join(one.value[0] for one in value) if isinstance(value, list) else "",
)
def test_events_in_the_order_of_their_publishing(actions: list[Action], stands: Standing) -> None:
    assert delivered(published(actions)) == stands


@pytest.mark.parametrize(
    "actions", [list(each) for length in (2, 3, 4) for each in product([T, A, R], repeat=length)],
    ids=lambda actions: "".join(one.value[0] for one in actions),
)  # fmt: skip
def test_every_order_of_delivery_ends_alike(actions: list[Action]) -> None:
    events = published(actions)
    expected = delivered(events)
    ends = {"".join(str(int((one.accepted_at - NOW).total_seconds())) for one in order): delivered(order)
            for order in permutations(events)}  # fmt: skip
    assert {order: end for order, end in ends.items() if end != expected} == {}


@given(
    actions=st.lists(st.sampled_from([T, T, A, R]), min_size=1, max_size=7),
    order=st.randoms(use_true_random=False),
    copies=st.lists(st.integers(0, 6), max_size=4),
)
@settings(deadline=None, max_examples=300)
def test_every_order_of_delivery_with_duplicates_ends_alike(
    actions: list[Action], order: Any, copies: list[int]
) -> None:
    events = published(actions)
    shuffled = events + [events[number % len(events)] for number in copies]
    order.shuffle(shuffled)
    assert delivered(shuffled) == delivered(events)


def test_a_duplicate_of_each_delivery_changes_nothing() -> None:
    events = published([T, A, T, R, T])
    twice = [one for one in events for _ in range(2)]
    assert delivered(twice) == delivered(events + events) == delivered(events)
