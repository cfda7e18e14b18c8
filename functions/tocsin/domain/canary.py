"""A canary is an alert to a test contact: it goes the way of every page, and shows that the way is open."""

from datetime import datetime, timedelta

from tocsin.domain.config import Canary
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import Notification
from tocsin.domain.values import dataclass, replace

LATE = timedelta(minutes=5)
"""How long a canary may take; after this the way counts as blocked until another one has come through."""

NAME = "the canary"
"""Who answers an incident of a canary at its end, if its contact has not."""

_WAYS = {True: "the urgent one", False: "the ordinary one"}
_CARRIED = frozenset({"sent", "delivered", "read"})


@dataclass(frozen=True)
class Flight:
    """One canary and what was seen of it, each with the time of the look; `id` is its event's id and its dedup key.

    `urgent` says by which of the two subscriptions it went: each other one goes by each, or a dead one would not show.
    `blocked` says that the one before it has not come through: one that is merely young does not mean that all is well.
    `unrouted` says which subscription let nothing through, the urgent one or not: one that comes back by the other does
    not prove it alive.
    """

    id: str
    sent_at: datetime
    routed_at: datetime | None = None
    texted_at: datetime | None = None
    answered_at: datetime | None = None
    blocked: bool = False
    urgent: bool = True
    unrouted: bool | None = None


def seen(flight: Flight, incident: Incident, notifications: list[Notification], now: datetime) -> Flight:
    """Add what the documents show; only a receipt of the carrier says that a text has left."""
    carried = any(one.channel == "sms" and one.delivery in _CARRIED for one in notifications)
    answered = incident.status is not Status.TRIGGERED and incident.answered_by != NAME
    return replace(
        flight,
        routed_at=flight.routed_at or incident.opened_at,
        texted_at=flight.texted_at or (now if carried else None),
        answered_at=flight.answered_at or (incident.answered_at if answered else None),
    )


def is_back(flight: Flight, canary: Canary) -> bool:
    """Say whether it has come through."""
    return bool(flight.answered_at if canary.answers else flight.texted_at)


def round_trip(flight: Flight) -> float:
    """Give the seconds from its publishing to the last that was seen of it; a look comes up to a minute late."""
    last = flight.answered_at or flight.texted_at or flight.routed_at or flight.sent_at
    return (last - flight.sent_at).total_seconds()


def is_blocked(flight: Flight, canary: Canary, now: datetime) -> bool:
    """Say whether pages may not arrive."""
    if is_back(flight, canary):
        return flight.unrouted not in {None, flight.urgent}
    return flight.blocked or flight.unrouted is not None or now > flight.sent_at + LATE


def unrouted(flight: Flight, canary: Canary, now: datetime) -> bool | None:
    """Say which subscription lets nothing through, as far as this one and those before it show."""
    if not flight.routed_at and not is_back(flight, canary) and now > flight.sent_at + LATE:
        return flight.urgent
    return None if is_back(flight, canary) and flight.unrouted == flight.urgent else flight.unrouted


def found(flight: Flight, canary: Canary) -> str:
    """Say what became of a canary that means that pages may not arrive."""
    if is_back(flight, canary) and flight.unrouted is not None:
        return f"was {how_far(flight)}; before it nothing came through by {_WAYS[flight.unrouted]}"
    return f"was {how_far(flight)}, no further; of the subscriptions it took {_WAYS[flight.urgent]}"


def how_far(flight: Flight) -> str:
    """Say where a canary was seen last."""
    reached = {"answered": flight.answered_at, "texted": flight.texted_at, "routed": flight.routed_at}
    return next((word for word, at in reached.items() if at), "published")
