"""What a look at a notification leads to: something is sent, or waited for, or nothing is to be done."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from tocsin import fallback
from tocsin.domain.breaker import Breaker
from tocsin.domain.notification import Notification, Verdict, path
from tocsin.domain.values import dataclass
from tocsin.records import to_document

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.clients.store import Transaction
    from tocsin.domain.incident import Due, Incident


@dataclass(frozen=True)
class Look:
    """The verdict, its reason, both documents as they are, what follows, and how the channel was at the claim."""

    verdict: Verdict
    reason: str
    notification: Notification
    incident: Incident
    follows: tuple[Due, ...] = ()
    channel: Breaker = field(default_factory=Breaker)


def put(
    tx: Transaction, notification: Notification, incident: Incident, verdict: Verdict, follows: tuple[Due, ...] = ()
) -> Look:
    """Write the notification; the last line of its history is the reason."""
    tx.put(path(notification.id), to_document(notification))
    return Look(verdict, notification.history[-1].why, notification, incident, follows)


def give_up(
    tx: Transaction, notification: Notification, incident: Incident, why: str, now: datetime, *, provider: bool = False
) -> Look:
    """Record that this way does not reach the person, and what is tried instead."""
    failed, changed, follows = fallback.fail(tx, notification, incident, why, now, provider=provider)
    return Look(Verdict.GIVE_UP, why, failed, changed, follows)
