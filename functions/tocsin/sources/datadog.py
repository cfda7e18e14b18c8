"""Reads Datadog's webhooks, with the payload below or with the default one.

Settings: in Datadog, Integrations, Webhooks, add one with the URL
`https://YOUR-HOST/ingest/datadog/<integration key>`, not encoded as form, and this payload; then put
`@webhook-<its name>` into the message of each monitor that is to page, outside of conditions, so that it is sent on
recovery too:

```json
{
  "alert_cycle_key": "$ALERT_CYCLE_KEY",
  "aggregate": "$AGGREG_KEY",
  "monitor_id": "$ALERT_ID",
  "scope": "$ALERT_SCOPE",
  "transition": "$ALERT_TRANSITION",
  "type": "$ALERT_TYPE",
  "priority": "$ALERT_PRIORITY",
  "title": "$EVENT_TITLE",
  "message": "$TEXT_ONLY_MSG",
  "host": "$HOSTNAME",
  "link": "$LINK",
  "tags": "$TAGS"
}
```

What ties a recovery to its trigger is the alert cycle, else the aggregation key, else the monitor and its scope, else
the title without the "[Triggered on {host:web-1}]" before it, and that scope; never `id`, which is another one for each
message. Recovered resolves; a variable that Datadog left as it is counts as missing. The severity is the priority (P1
critical, P2 error, P3 warning, P4 and P5 information), and for a monitor without one a warning if it says Warn, else
what its type says.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_VARIABLE = re.compile(r"\$[A-Z][A-Z0-9_]*(?:\[[^\]]*\])?")
_PREFIX = re.compile(
    r"(?:\[(?P<priority>P[1-5])\] *)?"
    r"\[(?P<word>(?:Re-)?(?:Triggered|No Data|Warn)|Renotify|Recovered)(?: on \{?(?P<scope>[^\]]*?)\}?)?\] *"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
# The default payload has no link, but the text that Datadog writes below the message has one to the monitor.
_STATUS = re.compile(r"\[Monitor Status\]\((https://[^\s()]{1,2000})\)")
_IDENTITIES = ("alert_cycle_key", "alertCycleKey", "aggregate", "aggreg_key", "aggregation_key")
_MONITORS = ("monitor_id", "alert_id")
_SCOPES = ("scope", "scopes", "alert_scope")
_TRANSITIONS = ("transition", "alert_transition", "alertTransition")
_OURS = (*_IDENTITIES, *_MONITORS, *_TRANSITIONS, "event_type", "last_updated")


class _Prefix(NamedTuple):
    """What Datadog writes before the name of a monitor."""

    priority: str
    word: str
    scope: str
    rest: str


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert of a message; a payload without any of the known names pages as it is."""
    body = {name: _known(value) for name, value in _plain.members(posted.payload).items()}
    title = _plain.one_line(body.get("title"))
    if not any(_plain.text(body.get(name)) for name in _OURS):
        return kept(posted)
    prefix = _prefix(title)
    tags = body.get("tags")
    return [
        Alert(
            action=_action(body, prefix),
            dedup_key=_dedup_key(body, prefix),
            title=_title(body, prefix) or title or _plain.first(_message(body)) or _plain.untitled(posted.integration),
            severity=_severity(body, prefix),
            affected=_plain.first(body.get("host"), body.get("hostname"), _scope(body, prefix)),
            link=_plain.link(body.get("link"), body.get("url"), *_STATUS.findall(_message(body))),
            labels=_plain.labels(_tags(tags) | {"monitor": _one(body, _MONITORS)}),
            details=_plain.lines(
                [
                    ("", _message(body)),
                    ("transition", _one(body, _TRANSITIONS) or prefix.word),
                    ("scope", _scope(body, prefix)),
                    ("query", body.get("query")),
                ]
            ),
        )
    ]


def _known(value: object) -> object:
    return None if isinstance(value, str) and _VARIABLE.fullmatch(value.strip()) else value


def _one(body: Mapping[str, object], names: tuple[str, ...]) -> str:
    return _plain.first(*(_plain.listed(body.get(name)) for name in names))


def _message(body: Mapping[str, object]) -> str:
    return _plain.text(body.get("message") or body.get("body") or body.get("description"))


def _prefix(title: str) -> _Prefix:
    found = _PREFIX.fullmatch(title)
    return _Prefix(*(found[name] or "" for name in _Prefix._fields)) if found else _Prefix("", "", "", title)


def _title(body: Mapping[str, object], prefix: _Prefix) -> str:
    """Give the monitor's name, and which of its many things is meant: two hosts must not read like one."""
    scope = prefix.scope if prefix.scope != "*" and prefix.scope not in prefix.rest else ""
    silent = " (no data)" if _transition(body, prefix).endswith("no data") else ""
    return _plain.one_line(f"{prefix.rest}{' on ' if scope else ''}{scope}{silent}") if prefix.rest else ""


def _scope(body: Mapping[str, object], prefix: _Prefix) -> str:
    return _one(body, _SCOPES) or prefix.scope


def _transition(body: Mapping[str, object], prefix: _Prefix) -> str:
    return (_one(body, _TRANSITIONS) or prefix.word).casefold()


def _dedup_key(body: Mapping[str, object], prefix: _Prefix) -> str:
    if identity := next(filter(None, (_plain.key(body.get(name)) for name in _IDENTITIES)), ""):
        return identity
    if monitor := _one(body, _MONITORS):
        return _plain.digest(monitor, _one(body, _SCOPES))
    return _plain.digest(prefix.rest, prefix.scope) if prefix.rest else _plain.digest(_message(body))


def _action(body: Mapping[str, object], prefix: _Prefix) -> Action:
    transition = _transition(body, prefix)
    if "recovered" in transition.split():
        return Action.RESOLVE
    return Action.RESOLVE if not transition and _plain.word(body.get("type")) == "success" else Action.TRIGGER


def _severity(body: Mapping[str, object], prefix: _Prefix) -> Severity:
    priority = _plain.severity(body.get("priority") or body.get("alert_priority") or prefix.priority)
    if priority is not Severity.UNKNOWN:
        return priority
    if _transition(body, prefix).removeprefix("re-") == "warn":
        return Severity.WARNING
    return _plain.severity(body.get("type") or body.get("alert_type"))


def _tags(tags: object) -> dict[str, object]:
    """Give tags, which are one text (`env:prod, team:web`) or a list of such, as labels; a bare one is `true`."""
    parts = tags.split(",") if isinstance(tags, str) else tags if isinstance(tags, list) else []
    pairs = [_plain.one_line(part).partition(":") for part in parts]
    return {name.strip(): value.strip() if colon else True for name, colon, value in pairs if name.strip()}
