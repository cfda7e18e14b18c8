"""What people read and hear: plain words that fit two text messages and name what to do."""

import re
from datetime import datetime, timedelta

from tocsin.domain.gsm import fitted, plain
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import Notification

_STOP_ADVICE = re.compile(
    r"\b(reply|text|send|answer)\s+\W?(?:stop|stopall|unsubscribe|cancel|end|quit|optout|revoke)\b", re.IGNORECASE
)
_FRESH = timedelta(minutes=10)
_SPOKEN = 100
"""Characters read aloud of a name; said three times and escaped for XML they must fit Twilio's 4,000."""

HELP = "Reply ack, resolve or escalate with the page's code: ack 4821. A bare ack answers the only open page."
NOTHING_OPEN = "Nothing is open on this phone, so nothing was changed."
UNKNOWN_CODE = "No page on this phone has the code {code}: nothing was changed."


def page(incident: Incident, notification: Notification, *, again: bool) -> str:
    """Give the text of a page; what to reply is never cut away, the title is."""
    head = ("Again: " if again else "") + _late(notification)
    tail = f". Reply ack {notification.code}, resolve {notification.code} or escalate {notification.code}"
    where = "" if _names(incident.title, incident.service_name) else f"{incident.service_name}: "
    return fitted(plain(f"{head}{where}{title(incident)}"), tail)


def _late(notification: Notification) -> str:
    """Say of a page that was held up how old it is."""
    if not notification.claimed_at or notification.claimed_at - notification.due < _FRESH:
        return ""
    return f"From {clock(notification.due)}: "


def title(incident: Incident) -> str:
    """Give the title as a phone can show it, without advice from strangers to reply with a carrier's stop word."""
    return _STOP_ADVICE.sub(r"\1 ...", plain(incident.title)) or "an alert without a readable title"


def spoken(incident: Incident) -> tuple[str, str]:
    """Give what a call says and which keys it offers."""
    keys = "Press 4 to acknowledge, 6 to resolve, 5 to escalate, star to hear this again."
    return f"This is Tocsin. {plain(incident.service_name)[:_SPOKEN]}: {title(incident)[:_SPOKEN]}.", keys


def _names(title: str, service: str) -> bool:
    return service.casefold() in title.casefold()


def done(incident: Incident, code: str) -> str:
    """Say what was committed for this reply."""
    words = {
        Status.ACKNOWLEDGED: f"Acknowledged {code}: ",
        Status.RESOLVED: f"Resolved {code}: ",
        Status.TRIGGERED: f"Escalated {code}: ",
    }
    return fitted(f"{words[incident.status]}{title(incident)}", _after(incident))


def _after(incident: Incident) -> str:
    if incident.status is Status.ACKNOWLEDGED:
        return ". Nobody else is paged."
    return "" if incident.status is Status.RESOLVED else ". The next one is paged now."


def already(incident: Incident, code: str) -> str:
    """Say who has it already."""
    when = f" at {clock(incident.answered_at)}" if incident.answered_at else ""
    who = f"Already {incident.status} by {plain(incident.answered_by)}{when}"
    return fitted(f"{who}: {title(incident)}", f" ({code})")


def passed_on(incident: Incident, code: str) -> str:
    """Say that somebody else has been paged since this person's page."""
    return fitted(f"Already escalated, somebody else is paged: {title(incident)}", f" ({code})")


def choices(pages: list[tuple[str, Incident]]) -> str:
    """Ask which of several open pages is meant; nothing was acknowledged."""
    listed = "; ".join(f"{code} {title(incident)[:30]}" for code, incident in pages[:5])
    count = "1 page is" if len(pages) == 1 else f"{len(pages)} pages are"
    return fitted(f"{count} open here: {listed}", f". Reply ack and a code, like ack {pages[0][0]}")


def clock(at: datetime | None) -> str:
    """Give the time of day, in UTC since a phone's zone is not known."""
    return f"{at:%H:%M} UTC" if at else ""
