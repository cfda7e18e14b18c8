"""Reads the webhook of UptimeRobot, as JSON, as a form or from the address alone.

Settings: add an integration of the type Webhook with the URL
`https://YOUR-HOST/ingest/uptimerobot/<integration key>?`, and choose the events "Up & Down", and the expiry of
certificates and domains if it is wanted. The variables that UptimeRobot adds by itself do; or tick "Send as JSON" and
give a POST value of your own:

```json
{"monitorID": "*monitorID*", "monitorURL": "*monitorURL*", "monitorFriendlyName": "*monitorFriendlyName*",
 "alertType": "*alertType*", "alertTypeFriendlyName": "*alertTypeFriendlyName*", "alertDetails": "*alertDetails*"}
```

Alerts are the same if they are of the same monitor (without its id: of the same name and URL), down and expiry apart.
Type 1 triggers and is critical, type 2 resolves, type 3 (a certificate or domain expires) is a warning.
"""

from collections.abc import Mapping

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.errors import Malformed
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

METHODS = ("POST", "GET")
EMPTY = True

_PAGES = "https://dashboard.uptimerobot.com/monitors/"
_UP, _EXPIRES = {"2", "up"}, {"3", "4"}


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert; raises Malformed for a request that says nothing at all."""
    body = posted.payload
    if body is None and not posted.query:
        raise Malformed("Nothing was said: send monitorID, monitorFriendlyName, monitorURL and alertType.")
    said = _plain.folded({**posted.query, **_plain.members(body)})
    known, name, where = (_filled(said, part) for part in ("monitorid", "monitorfriendlyname", "monitorurl"))
    if not known and not name and not where:
        return kept(posted)
    kind = _filled(said, "alerttype").casefold() or _filled(said, "alerttypefriendlyname").casefold()
    expires = kind in _EXPIRES or "expir" in kind
    action = Action.RESOLVE if kind in _UP else Action.TRIGGER
    state = "expires soon" if expires else "is up" if action is Action.RESOLVE else "is down"
    return [
        Alert(
            action=action,
            dedup_key=_plain.digest("expiry" if expires else "monitor", known or [name, where]),
            title=_plain.one_line(f"{name or where or 'Monitor ' + known} {state}"),
            severity=Severity.WARNING if expires else Severity.CRITICAL,
            affected=name or where,
            # A port, a host or a job has no URL; the monitor has a page all the same.
            link=_plain.link(where, f"{_PAGES}{known}" if known.isdecimal() else ""),
            labels=_plain.labels({"monitor": name, "url": where, "id": known}),
            details=_plain.lines([("", _filled(said, "alertdetails")), ("url", where)]),
        )
    ]


def _filled(said: Mapping[str, object], name: str) -> str:
    """Give a value that was filled in: a variable that UptimeRobot does not know stays between its asterisks."""
    value = _plain.one_line(said.get(name))
    return "" if len(value) > 1 and value.startswith("*") and value.endswith("*") else value
