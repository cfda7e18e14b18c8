"""Reads what Healthchecks says of a check that went down or came up again.

Settings: add an integration of the type Webhook. For a check that goes down and for one that comes up alike enter the
URL `https://YOUR-HOST/ingest/healthchecks/<integration key>`, choose POST with the header
`Content-Type: application/json`, and give the request body:

```json
{"code": "$CODE", "status": "$STATUS", "check": $JSON}
```

Alerts are the same if they are of the same check (`code`, or what `$JSON` calls `uuid` or `unique_key`), whatever it is
called. `down` triggers and `up` resolves; new, paused, started and late ones are recorded and page nobody. All are
critical, unless a tag of the check is a severity: tag it `warning`, `low` or `p3`.
"""

import re

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_ACTIONS = dict.fromkeys(("new", "paused", "started", "grace"), Action.CHANGE) | {"up": Action.RESOLVE}
_UNFILLED = re.compile(r"\$[A-Z_]+[0-9]*")
_API = re.compile(r"(?P<site>https?://\S+)/api/v[0-9]+(?P<check>/checks/[0-9A-Za-z-]+)/?")


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert."""
    outer = _plain.members(posted.payload)
    check = {**outer, **_plain.members(_plain.opened(outer.get("check")))}
    known = _said(outer.get("code"), check.get("uuid"), check.get("unique_key"), check.get("ping_url"))
    name = _said(check.get("name"), check.get("slug"))
    status = _said(outer.get("status"), check.get("status")).casefold()
    if not known and not name:
        return kept(posted)
    tags = _said(check.get("tags"))
    action = _ACTIONS.get(status, Action.TRIGGER)
    state = f"is {status}" if status in _ACTIONS else "is down"
    return [
        Alert(
            action=action,
            # A ping URL ends in the uuid.
            dedup_key=_plain.key(known.rstrip("/").rpartition("/")[2]) or _plain.digest(name),
            title=_plain.one_line(f"{name or 'A check'} {state}"),
            severity=_severity(tags),
            affected=name,
            link=_plain.link(check.get("details_url"), check.get("link"), _page(_said(check.get("update_url")))),
            labels=_plain.labels({"name": name, "slug": _said(check.get("slug")), "tags": tags, "status": status}),
            details=_plain.lines(
                [
                    ("", _said(check.get("desc"))),
                    ("last ping", _said(check.get("last_ping"))),
                    ("schedule", _said(check.get("schedule"))),
                    ("exit status", _said(check.get("exitstatus"))),
                ]
            ),
        )
    ]


def _said(*values: object) -> str:
    """Give the first that was filled in: a template that is not Healthchecks' own leaves `$STATUS` as it stands."""
    return next((text for text in map(_plain.one_line, values) if text and not _UNFILLED.fullmatch(text)), "")


def _page(api: str) -> str:
    """Give a check's page by the URL at which its site's API has it: `$JSON` names only that one."""
    found = _API.fullmatch(api)
    return f"{found['site']}{found['check']}/details/" if found else ""


def _severity(tags: str) -> Severity:
    known = (_plain.severity(tag) for tag in tags.split())
    return next((severity for severity in known if severity is not Severity.UNKNOWN), Severity.CRITICAL)
