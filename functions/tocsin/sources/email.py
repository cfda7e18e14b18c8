"""Reads e-mail, as services post it that take in mail: Mailgun, SendGrid, Postmark, CloudMailin and the like.

Settings: give the service that takes in the mail the URL `https://YOUR-HOST/ingest/email/<integration key>`: Mailgun as
`forward(...)` of a route, SendGrid as destination of Inbound Parse (not raw), Postmark as inbound webhook, CloudMailin
in the format JSON (normalized). Mail sent to its address then pages; keep the address to yourself.

A mail says how things stand in the first word of its subject that stands out as a state: in brackets, in capitals,
at the beginning before a colon or dash, or at the end after "is". RESOLVED, RECOVERY, OK, UP, CLOSED and their kin
resolve, ACKNOWLEDGED acknowledges, everything else triggers; "not OK" is no such word. Mails are the same if their
sender and their subject are, without such words, severities that stand out like them, counts, times, percentages,
`Re:` and `Fwd:`; message ids are not looked at, for few tools thread a recovery under its problem. The severity is the
first one that stands out. Tools that change their subjects otherwise need a source of their own.
"""

import html
import re
from collections.abc import Iterator, Mapping

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

LIMIT = 8 * 1024 * 1024  # attachments come along, and are passed over
LONGEST = 32_768  # characters of a mail that are read

_RESOLVED = "resolved recovery recovered restored ok up closed cleared clear normal fixed online ended"
_ACKNOWLEDGED = "acknowledged acknowledgement acked"
_FIRING = "problem down alarm alerting firing triggered open opened reopened failed failure failing offline"
_STATES = (
    dict.fromkeys(_FIRING.split(), Action.TRIGGER)
    | dict.fromkeys(_RESOLVED.split(), Action.RESOLVE)
    | dict.fromkeys(_ACKNOWLEDGED.split(), Action.ACKNOWLEDGE)
)
_ENDINGS = {"resolved", "recovered", "restored", "ok", "failed", "down"}
_WORD = re.compile(r"[^\W_]+")
_PREFIX = re.compile(r"\A(?:\s*(?:re|fwd?|aw|wg|tr|sv|vs)(?:\[[0-9]{1,4}\])?\s*:)+", re.IGNORECASE)
_CHANGING = re.compile(
    r"^\s*in [0-9][0-9a-z ]{0,40}:"  # Zabbix: Resolved in 5m 0s:
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:t?[0-9:.]{2,20}z?)?"
    r"|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
    r"|(?<![0-9])[0-9]++(?:[.,][0-9]++)?\s?%"
    r"|(?<=:)[0-9]+(?=\])",  # Alertmanager: [FIRING:2]
    re.IGNORECASE,
)
_TAG, _URL = re.compile(r"<[^<>]*>"), re.compile(r"https?://[^\s<>\"')\]]+")
_SKIPPED = re.compile(r"<(style|script)\b[^<]*(?:<(?!/\1)[^<]*)*", re.IGNORECASE)


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert."""
    mail = _Mail(posted.payload)
    if not mail.subject and not mail.text:
        return kept(posted)
    subject = _PREFIX.sub("", mail.subject, count=1)
    marks = list(_marks(subject))
    said = [match[0].casefold() for match in marks]
    title = _plain.first(subject, mail.text[: _plain.TITLE])
    return [
        Alert(
            action=next((_STATES[word] for word in said if word in _STATES), Action.TRIGGER),
            dedup_key=_plain.digest(mail.sender, _same(subject, marks) or title),
            title=title or _plain.untitled(posted.integration),
            severity=next(filter(_is_known, map(_plain.severity, said)), Severity.UNKNOWN),
            affected=mail.sender,
            link=_plain.link(*_URL.findall(mail.text)),
            labels=_plain.labels({"from": mail.sender, "to": mail.to}),
            details=_plain.cut(mail.text.strip(), _plain.DETAILS),
        )
    ]


class _Mail:
    """What a mail says, by whichever names the service that took it in gave to its parts."""

    def __init__(self, payload: object) -> None:
        whole = _plain.folded(payload)
        headers = _headers(whole)
        self.subject = _plain.first(whole.get("subject"), headers.get("subject"))
        self.sender = _address(_plain.first(*(whole.get(name) for name in ("from", "sender")), headers.get("from")))
        self.to = _address(_plain.first(*(whole.get(name) for name in ("to", "recipient")), headers.get("to")))
        texts = (whole.get(name) for name in ("text", "bodyplain", "textbody", "plain", "strippedtext", "body"))
        written = next((text for text in texts if isinstance(text, str) and text.strip()), "")
        pages = (whole.get(name) for name in ("html", "bodyhtml", "htmlbody"))
        self.text = written[:LONGEST] or _without_tags(next((page for page in pages if isinstance(page, str)), ""))


def _headers(whole: Mapping[str, object]) -> dict[str, object]:
    headers = _plain.opened(whole.get("headers") or whole.get("messageheaders"))
    if isinstance(headers, list):
        pairs = [(_plain.members(one).get("Name"), _plain.members(one).get("Value")) for one in headers]
        return {name.casefold(): value for name, value in pairs if isinstance(name, str)}
    return _plain.folded(headers)


def _address(value: str) -> str:
    return (value.rpartition("<")[2].partition(">")[0] if "<" in value else value).strip().casefold()


def _without_tags(page: str) -> str:
    words = html.unescape(_TAG.sub(" ", _SKIPPED.sub(" ", page[:LONGEST])))
    return "\n".join(filter(None, (" ".join(line.split()) for line in words.splitlines())))


def _marks(subject: str) -> Iterator[re.Match[str]]:
    """Give the words of a subject that stand where a state or a severity stands."""
    for match in _WORD.finditer(subject):
        word = match[0].casefold()
        if (word in _STATES or _is_known(_plain.severity(word))) and _stands_out(match, subject):
            yield match


def _is_known(severity: Severity) -> bool:
    return severity is not Severity.UNKNOWN


def _stands_out(match: re.Match[str], subject: str) -> bool:
    word, before, after = match[0], subject[: match.start()].rstrip(), subject[match.end() :].lstrip()
    last = before.rpartition(" ")[2].casefold()
    if last in {"not", "no", "never", "non"} or last.endswith(("n't", "n\u2019t")):
        return False
    if word.isupper() and not subject.isupper():  # where everything is in capitals, nothing stands out by them
        return True
    if before.endswith(("[", "(", "**")) and after.startswith(("]", ")", "**", ":")):
        return True
    if not before.strip("[](){}*:|- ") and (not after or after.startswith((":", "-", "\u2013", "|", "]", "in "))):
        return True
    ends = not after.strip(".!*) ")
    return ends and (word.casefold() in _ENDINGS or last in {"is", "are", "now", "->", "state:", "status:"})


def _same(subject: str, marks: list[re.Match[str]]) -> str:
    """Give what stays the same in the subjects of a problem and its recovery."""
    rest = subject
    for match in reversed(marks):
        rest = f"{rest[: match.start()]}{rest[match.end() :]}"
    return " ".join(_WORD.findall(_CHANGING.sub(" ", rest).casefold()))
