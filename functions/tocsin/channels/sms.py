"""A text message; its reply code is what an answer, and a search for a lost send, goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.domain import wording

if TYPE_CHECKING:
    from collections.abc import Collection

    from tocsin.clients.twilio import Twilio
    from tocsin.domain.incident import Incident
    from tocsin.domain.notification import Notification


def send(incident: Incident, notification: Notification, twilio: Twilio, *, again: bool) -> str:
    """Send the page as a text, with a link for whoever has asked for one: it costs a segment, so not for all."""
    link = twilio.link(notification) if notification.linked else ""
    words = wording.page(incident, notification, again=again, link=link)
    return twilio.text(notification.number, words, notification.id)


def find(notification: Notification, twilio: Twilio, known: Collection[str], rivals: int = 0) -> str | None:
    """Look for the code among the texts Twilio has for this number; those known are earlier pages of the incident."""
    del rivals
    since = notification.begun_at
    return twilio.find_text(notification.number, f"Reply ack {notification.code},", since, known) if since else None
