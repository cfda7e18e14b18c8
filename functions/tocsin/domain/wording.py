"""What people read and hear: plain words that fit two text messages and name what to do."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from tocsin.domain.gsm import fitted, plain
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import Notification
from tocsin.domain.phone import Phone
from tocsin.domain.wall import clock, day_and_clock

_STOP_ADVICE = re.compile(
    r"\b(reply|text|send|answer)\s+\W?(?:stop|stopall|unsubscribe|cancel|end|quit|optout|revoke)\b", re.IGNORECASE
)
_FRESH = timedelta(minutes=10)
_LISTED, _MOST_LISTED = 60, 6
_SPOKEN_DIGEST = 250
_LONGEST_CHANGE = 100
_LONGEST_LINK = 180
_SPOKEN = 100
"""Characters read aloud of a name; said three times and escaped for XML they must fit Twilio's 4,000."""

LONGEST_NOTE = 2000

HELP = (
    "Reply ack, resolve or escalate with the page's code: ack 4821. Or snooze 4821 1h, pass or add 4821 bob, note 4821 "
    "any words, priority 4821 p1, merge 4821 4822. Or who, who checkout, status. A bare ack answers the only open page."
)
SNOOZES = "A snooze lasts from 1 second to 7 days, as in 30m, 2h or 1d: nothing was changed."
NOTES = f"A note has at most {LONGEST_NOTE} characters: nothing was noted."
ONE_EACH = "Only one incident can be merged into one other, and a digest is several: nothing was changed."
TEST = "A test page cannot be merged: nothing was changed."
SETTLING = "What is over, and only waits whether it stays so, is not merged: nothing was changed."
SAME = "An incident cannot be merged with itself: nothing was changed."
NOTHING_LISTED = "Nothing is open on this phone."
VERIFIED = "Thank you: this phone is verified, and pages for you come here."
NOT_VERIFIED = "That is not the code that was sent here last: this phone is not verified."
LOCKED = "Too many wrong codes: texts from this phone do nothing until {until} UTC. Answer the call instead."
NOTHING_OPEN = "Nothing is open on this phone, so nothing was changed."
UNKNOWN_CODE = "No page on this phone has the code {code}: nothing was changed."


def page(incident: Incident, notification: Notification, *, again: bool, link: str = "") -> str:
    """Give the text of a page; what to reply is never cut away, the title is, and a link that leaves it no room."""
    head = ("Again: " if again else "") + ("" if notification.digest else _late(notification))
    tail = f". Reply ack {notification.code}, resolve {notification.code} or escalate {notification.code}"
    if notification.digest:
        return fitted(f"{head}{notification.digest}", f"{tail} for all")
    linked = f"{tail}. {link}" if link and len(link) <= _LONGEST_LINK else tail
    return fitted(f"{head}{_lead(notification)}{_named(incident)}", f"{_more(incident)}{linked}")


def _lead(notification: Notification) -> str:
    return f"{plain(notification.lead)[:_LISTED]}: " if notification.lead else ""


def digest(incidents: Sequence[Incident], zone: str) -> str:
    """Say of several incidents how many they are and which, the oldest first with its time."""
    in_order = sorted(incidents, key=lambda one: (one.triggered_at, one.id))
    names = "; ".join(_named(one)[:_LISTED] for one in in_order[:_MOST_LISTED])
    return f"{len(in_order)} incidents, oldest {clock(in_order[0].triggered_at, zone)} {names}"


def _named(incident: Incident) -> str:
    rank = f"{incident.priority} " if incident.priority else ""
    where = "" if _names(incident.title, incident.service_name) else f"{incident.service_name}: "
    return plain(f"{rank}{_flapping(incident)}{where}{title(incident)}")


def _flapping(incident: Incident) -> str:
    return f"Flapping, {incident.flapping}: " if incident.flapping else ""


def _more(incident: Incident) -> str:
    """Say how many other troubles the incident is about."""
    mine = (incident.integration, incident.dedup_key)
    others = sum((one.integration, one.dedup_key) != mine for one in incident.firing)
    return f" (+{others} more)" if others else ""


def _late(notification: Notification) -> str:
    """Say of a page that was held up how old it is."""
    if not notification.claimed_at or notification.claimed_at - notification.due < _FRESH:
        return ""
    return f"From {clock(notification.due, notification.zone)}: "


def title(incident: Incident) -> str:
    """Give the title as a phone can show it, without advice from strangers to reply with a carrier's stop word."""
    return _STOP_ADVICE.sub(r"\1 ...", plain(incident.title)) or "an alert without a readable title"


def spoken(incident: Incident, notification: Notification) -> tuple[str, str]:
    """Give what a call says and which keys it offers."""
    keys = "Press 4 to acknowledge, 6 to resolve, 5 to escalate, star to hear this again."
    if notification.digest:
        return f"This is Tocsin. {notification.digest[:_SPOKEN_DIGEST]}.", f"The keys answer all of them. {keys}"
    what = f"{_flapping(incident)}{plain(incident.service_name)[:_SPOKEN]}: {title(incident)[:_SPOKEN]}"
    return f"This is Tocsin. {_lead(notification)}{what}{_more(incident)}.", keys


def _names(title: str, service: str) -> bool:
    return service.casefold() in title.casefold()


def done(incident: Incident, code: str, zone: str) -> str:
    """Say what was committed for this reply."""
    if incident.is_test:
        return f"The test page {code} has reached you and is over. Thank you."
    words = {
        Status.ACKNOWLEDGED: f"Acknowledged {code}: ",
        Status.RESOLVED: f"Resolved {code}: ",
        Status.TRIGGERED: f"Escalated {code}: ",
    }
    return fitted(f"{words[incident.status]}{title(incident)}", _after(incident, zone))


def _after(incident: Incident, zone: str) -> str:
    if incident.status is Status.ACKNOWLEDGED:
        return "." if incident.asked else ". Nobody else is paged."
    if incident.status is Status.RESOLVED:
        return ""
    return f". The next one is paged {paged(incident, incident.timeline[-1].at if incident.timeline else None, zone)}."


NOW = "now"


def paged(changed: Incident, now: datetime | None, zone: str) -> str:
    """Say when those are paged whom a change has just asked for: quiet hours may hold what can wait."""
    soonest = min((one.due for one in changed.new), default=now)
    if not now or not soonest or soonest <= now:
        return NOW
    return f"at {day_and_clock(soonest, now, zone)}, when quiet hours end"


def already(incident: Incident, code: str, zone: str) -> str:
    """Say who has it already."""
    when = f" at {clock(incident.answered_at, zone)}" if incident.answered_at else ""
    who = f"Already {incident.status} by {plain(incident.answered_by)}{when}"
    return fitted(f"{who}: {title(incident)}", _code(code))


def changed(what: str, incident: Incident, code: str, tail: str = "", joint: str = ": ") -> str:
    """Say what was committed for an order; without a code for whoever needs none."""
    return fitted(f"{plain(what)[:_LONGEST_CHANGE]}{joint}{title(incident)}", f"{_code(code)}{tail and f'. {tail}.'}")


def _code(code: str) -> str:
    return f" ({code})" if code else ""


def not_one(words: str, found: Sequence[str]) -> str:
    """Say that a name is nobody's, or that several have it."""
    if not found:
        return f'Nobody here is called "{plain(words)[:_LISTED]}": nothing was changed.'
    several = " or ".join(found[:_MOST_LISTED])
    return fitted(f'"{plain(words)[:_LISTED]}" can be {plain(several)}', ": nothing was changed.")


def nobody_new(words: str) -> str:
    """Say that asking somebody pages nobody who is not paged already."""
    return f'"{plain(words)[:_LISTED]}" is nobody who was not asked before: nothing was changed.'


def joined(incident: Incident, code: str) -> str:
    """Say to somebody who was asked that it is known that they are on it too."""
    has = f", with {plain(incident.answered_by)[:_LISTED]}" if incident.answered_by else ""
    return fitted(f"You are on it{has}: {title(incident)}", _code(code))


def done_all(changed: Sequence[Incident], of: int, code: str, zone: str) -> str:
    """Say what was committed for an answer to a digest."""
    verb = {Status.ACKNOWLEDGED: "Acknowledged", Status.RESOLVED: "Resolved", Status.TRIGGERED: "Escalated"}
    every = f"all {of}" if len(changed) == of else f"{len(changed)} of {of}, the others were answered before"
    names = "; ".join(title(one)[:_LISTED] for one in changed[:_MOST_LISTED])
    return fitted(f"{verb[changed[0].status]} {code} ({every}): {names}", _after(changed[0], zone))


def changed_all(first: str, changed: int, of: int) -> str:
    """Say that what is said of the first one was done to more of a digest."""
    return fitted(first, f" And {changed - 1} more of {of}.")


def nothing_left(of: int, code: str) -> str:
    """Say that everything in a digest was answered before."""
    return f"All {of} incidents of {code} have been answered already: nothing was changed."


def passed_on(incident: Incident, code: str) -> str:
    """Say that somebody else has been paged since this person's page."""
    return fitted(f"Already escalated, somebody else is paged: {title(incident)}", f" ({code})")


def choices(pages: Sequence[tuple[str, Sequence[Incident]]]) -> str:
    """Ask which of several open pages is meant; nothing was acknowledged."""
    listed = "; ".join(f"{code} {_chosen(incidents)}" for code, incidents in pages[:5])
    count = "1 page is" if len(pages) == 1 else f"{len(pages)} pages are"
    return fitted(f"{count} open here: {listed}", f". Reply ack and a code, like ack {pages[0][0]}")


def _chosen(incidents: Sequence[Incident]) -> str:
    return title(incidents[0])[:30] if len(incidents) == 1 else f"all {len(incidents)} of a digest"


def verification(code: str) -> str:
    """Give the text that carries a code to a phone that nobody has vouched for yet."""
    return f"{code} is the code from Tocsin, which pages people on call. Reply {code} if that is you."


def vouched(phone: Phone) -> str:
    """Say whether the code was the right one."""
    return NOT_VERIFIED if phone.verification.code else VERIFIED


def spoken_verification(code: str) -> str:
    """Give the same for the ear, three times and digit by digit."""
    digits = ", ".join(code)
    words = f"The code is {digits}."
    return f"This is Tocsin, which pages people on call. {words} Again: {words} Once more: {words} Goodbye."
