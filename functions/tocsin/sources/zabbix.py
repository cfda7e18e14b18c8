"""Reads what a media type of Zabbix posts: problems, their updates and their recovery.

Settings: import `templates/zabbix.yaml` (it is printed below) under Alerts, Media types; Zabbix 6.0 and later. Give a
user this media with `https://YOUR-HOST/ingest/zabbix/<integration key>` as "Send to", and let trigger actions notify
that user with operations, recovery operations and update operations. A macro `{$ZABBIX.URL}` with the address of the
frontend makes the link.

Alerts are the same if they are of the same problem: `{EVENT.ID}` is the problem's own id in its recovery too, while
subject and name may differ. Templates of your own should send it as `event_id`, with `event_value` (1 or 0) or
`status`; without it the trigger's id and the host, or both their names, are the identity. Disaster is critical, high an
error, average and warning are warnings; not classified is unknown, which pages as critical does. An update that
acknowledges does so, other updates are recorded and page nobody. A macro that Zabbix left unfilled counts as not there.
"""

import re
from collections.abc import Iterator, Mapping

from tocsin.domain.alert import Action, Alert
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_WORDS = {"subject", "message", "alertsubject", "alertmessage", "link"}
_WRAPPERS = ("event", "trigger", "host", "item")
_UNFILLED = re.compile(r"\{[#$?]?[A-Z][A-Z0-9._:\"(){}]*\}|\*UNKNOWN\*|\*UNDEFINED\*")
_TRIGGER_ID = re.compile(r"triggerid=([0-9]+)")
_OVER = {"0", "ok", "resolved", "recovered"}
_LEVELS = {"1": "information", "2": "warning", "3": "average", "4": "high", "5": "disaster"}


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert."""
    said = _Said(posted.payload)
    host = said.first("hostname", "host", "hostvisiblename")
    name = said.first("eventname", "triggername", "trigger", "alertsubject", "subject", "title")
    identity = said.identity(name, host)
    if not identity:
        return kept(posted)
    level = said.first("eventnseverity", "nseverity")
    return [
        Alert(
            action=said.action(),
            dedup_key=identity,
            title=_plain.one_line(f"{name} on {host}" if host and host not in name else name)
            or _plain.untitled(posted.integration),
            severity=_plain.severity(_LEVELS.get(level) or said.first("eventseverity", "severity", "triggerseverity")),
            affected=host,
            link=_plain.link(said.first("link", "url", "eventlink")),
            labels=_plain.labels({part: value for part, value in said.values.items() if part not in _WORDS}),
            details=_plain.lines(
                [
                    ("", said.values.get("alertmessage") or said.values.get("message")),
                    ("value", said.first("eventopdata", "itemvalue", "item")),
                ]
            ),
        )
    ]


class _Said:
    """The fields that were filled in: of the body, and of the objects that templates group them in."""

    def __init__(self, payload: object) -> None:
        outer = _plain.folded(payload)
        inner = [(name, _plain.folded(outer.get(name))) for name in _WRAPPERS]
        grouped = {f"{name}{part}": value for name, parts in inner for part, value in parts.items()}
        self.values = dict(_filled({**grouped, **outer}))

    def first(self, *names: str) -> str:
        return _plain.first(*(self.values.get(name) for name in names))

    def identity(self, name: str, host: str) -> str:
        if event := self.first("eventid", "problemid"):
            return _plain.key(event)
        trigger = self.first("triggerid") or "".join(_TRIGGER_ID.findall(self.first("link", "url"))[:1])
        if trigger or name:
            return _plain.digest(trigger or name, host)
        return ""

    def action(self) -> Action:
        if self.first("eventupdatestatus") == "1":
            done = self.first("eventupdateaction").casefold().replace("unacknowledged", "")
            is_acknowledged = "acknowledged" in done
            return Action.ACKNOWLEDGE if is_acknowledged else Action.CHANGE
        state = self.first("eventvalue", "eventstatus", "status", "triggerstatus", "value").casefold()
        return Action.RESOLVE if state in _OVER else Action.TRIGGER


def _filled(values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if not isinstance(value, dict | list) and not _UNFILLED.fullmatch(_plain.text(value).strip()):
            yield name, value
