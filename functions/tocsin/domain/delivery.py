"""What the provider says became of a text or a call: statuses only rise, whatever order they arrive in."""

from datetime import datetime

from tocsin.domain.notification import Notification, State, sent
from tocsin.domain.values import replace

# Twilio's statuses by rank: callbacks repeat and overtake each other, so a status only ever rises.
RANKS = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "initiated"), 1),
    **dict.fromkeys(("sending", "ringing"), 2),
    **dict.fromkeys(("sent", "in-progress"), 3),
    **dict.fromkeys(("delivered", "completed", "undelivered", "failed", "busy", "no-answer", "canceled"), 4),
    "read": 5,
}
_SAID = {
    "in-progress": "picked up",
    "completed": "ended",
    "no-answer": "nobody picked up",
    "busy": "declined or busy",
}
_ON_THE_WAY = frozenset({"accepted", "scheduled", "queued", "initiated", "sending", "ringing", "sent"})
"""Statuses that are kept, but are no news to anybody."""

OUT_OF_REACH = frozenset({"undelivered", "failed", "canceled"})
"""The statuses after which waiting is of no use; they are recorded as the failure they are."""


def reported(notification: Notification, status: str, sid: str, now: datetime, why: str) -> Notification:
    """Record a delivery status; it proves that the provider has the message, and never that anybody read it."""
    if RANKS.get(status, 0) <= RANKS.get(notification.delivery, 0):
        return notification
    known = notification
    if notification.state in {State.PENDING, State.SENDING, State.UNKNOWN}:
        known = sent(notification, sid, now, f"the provider reports {status}")
    told = replace(known, delivery=status)
    return told if status in _ON_THE_WAY | OUT_OF_REACH else told.noting(now, _SAID.get(status, status), why)
