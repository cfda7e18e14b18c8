"""A call that reads the page aloud and waits for a key; whatever answers without pressing one was not reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import twiml
from tocsin.domain import wording

if TYPE_CHECKING:
    from collections.abc import Collection

    from tocsin.clients.twilio import Twilio
    from tocsin.domain.incident import Incident
    from tocsin.domain.notification import Notification


def send(incident: Incident, notification: Notification, twilio: Twilio, *, again: bool) -> str:
    """Place the call; the words travel with it, so that nothing has to be fetched from us while the phone rings."""
    del again
    words = twiml.script(*wording.spoken(incident, notification), twilio.url("voice", notification.id))
    return twilio.call(notification.number, words, notification.id)


def find(notification: Notification, twilio: Twilio, known: Collection[str], rivals: int = 0) -> str | None:
    """Look for a call to this number since the claim that can belong to no other notification."""
    since = notification.begun_at
    return twilio.find_call(notification.number, since, known, rivals) if since else None
