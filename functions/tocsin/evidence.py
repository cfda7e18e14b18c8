"""Looks at the provider for a send whose answer was lost: what is there is not sent again."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tocsin.domain import notification as rules
from tocsin.domain.notification import Verdict
from tocsin.errors import Unavailable, Undeliverable

if TYPE_CHECKING:
    from tocsin.clients.store import Store
    from tocsin.clients.twilio import Twilio
    from tocsin.domain.notification import Notification
    from tocsin.moment import Moment

_NEIGHBOURS = timedelta(minutes=5)


def evidence(notification: Notification, store: Store, twilio: Twilio, moment: Moment) -> str | None:
    """Give the id of the send that was lost; when the provider cannot say, there is no evidence yet."""
    if rules.look(notification, moment.now) is not Verdict.SETTLE or not notification.begun_at:
        return None
    since = notification.begun_at - _NEIGHBOURS
    near = store.query("notifications", ("number", "==", notification.number), ("claimed_at", ">=", since))
    known = {data["sid"] for _, data in near if data["sid"]}
    others = [
        data
        for identity, data in near
        if identity != notification.id and data["channel"] == notification.channel and not data["carrier"]
    ]
    rivals = sum(data["tries"] - bool(data["sid"]) for data in others)  # sends whose call nobody has laid claim to
    try:
        found: str | None = channel(notification).find(notification, twilio, known, rivals)
    except (Unavailable, Undeliverable):
        return None
    return found


def channel(notification: Notification) -> Any:
    """Give the channel's module."""
    return import_module(f"tocsin.channels.{notification.channel}")
