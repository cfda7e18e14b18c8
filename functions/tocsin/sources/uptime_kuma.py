"""Reads the webhook of Uptime Kuma.

Settings: add a notification of the type Webhook with the Post URL
`https://YOUR-HOST/ingest/uptime_kuma/<integration key>` and the request body "Preset - application/json" ("Preset -
multipart/form-data" and GET are read as well), and apply it to the monitors that are to page.

Alerts are the same if they come from the same monitor. Down triggers, up resolves; pending and maintenance are recorded
and page nobody. Down is critical. A message about no monitor, as of a certificate that expires or of the Test button,
is trouble of its own by its words, without numbers; of a certificate it is a warning.
"""

import re

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.errors import Malformed
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

METHODS = ("POST", "GET")
EMPTY = True

_STATES = {
    "1": (Action.RESOLVE, "is up"),
    "2": (Action.CHANGE, "is pending"),
    "3": (Action.CHANGE, "is in maintenance"),
}
_NUMBERS = re.compile(r"[0-9]+")


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert; raises Malformed for a request that says nothing at all."""
    said = _plain.members(posted.query if posted.payload is None else posted.payload)
    if posted.payload is None and not said:
        raise Malformed("Nothing was said: send heartbeat, monitor and msg.")
    said = _plain.members(_plain.opened(said["data"])) if set(said) == {"data"} else said
    if not {"heartbeat", "monitor", "msg"} & set(said):
        return kept(posted)
    beat, monitor = (_plain.members(_plain.opened(said.get(name))) for name in ("heartbeat", "monitor"))
    words = _plain.first(said.get("msg"), beat.get("msg"))
    if not beat and not monitor:
        return [_loose(words or _plain.untitled(posted.integration))]
    # What is not asked for by a URL has "https://" for one, as the form in which it was entered.
    name, link = _plain.one_line(monitor.get("name")), _plain.link(monitor.get("url"))
    where = _plain.first(link, monitor.get("hostname"))
    action, state = _STATES.get(_plain.text(beat.get("status")).strip(), (Action.TRIGGER, "is down"))
    known = _plain.text(monitor.get("id")) or _plain.text(beat.get("monitorID"))
    return [
        Alert(
            action=action,
            dedup_key=_plain.digest("monitor", known) if known else _plain.digest("name", name, where),
            title=_plain.one_line(f"{name} {state}" if name else words or _plain.untitled(posted.integration)),
            severity=Severity.CRITICAL,
            affected=_plain.one_line(name or where),
            link=link,
            labels=_plain.labels(
                {part: monitor.get(part) for part in ("name", "type", "hostname", "port")} | {"url": link}
            ),
            details=_plain.lines(
                [("", beat.get("msg") or words), ("since", beat.get("time")), ("url" if link else "host", where)]
            ),
        )
    ]


def _loose(words: str) -> Alert:
    severity = Severity.WARNING if "certificate" in words.casefold() else Severity.UNKNOWN
    return Alert(Action.TRIGGER, _plain.digest("message", _NUMBERS.sub("", words)), words, severity)
