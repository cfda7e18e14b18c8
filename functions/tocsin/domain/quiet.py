"""Quiet hours: what can wait, waits until they end; what cannot is never held back."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.domain.config import Urgency, User
from tocsin.domain.hours import opened
from tocsin.domain.timeline import CLOSED, NEVER


def ends(user: User, at: datetime) -> datetime:
    """Give when this user's quiet hours end, in UTC, if they hold at an aware time; else that time itself.

    A zone that this machine does not know, and hours that never end, hold nothing back.
    """
    if not user.quiet_hours:
        return at
    try:
        now = next(opened((user.quiet_hours,), ZoneInfo(user.time_zone), at))
    except ZoneInfoNotFoundError:
        return at
    return at if now.value is CLOSED or now.until == NEVER else now.until


def reaches(user: User, urgency: Urgency, at: datetime) -> datetime:
    """Give when a page that is wanted at an aware time may reach this user."""
    return at if urgency is Urgency.HIGH else ends(user, at)
