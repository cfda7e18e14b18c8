"""Reads any JSON at all: where things are is said in the integration's options, and guessed where nothing is said.

Settings: have the other tool POST its JSON to `https://YOUR-HOST/ingest/generic/<integration key>`, for problems and
for recoveries. Where the guesses are wrong, put paths into the integration's options:

```yaml
options: {title: event.name, severity: event.level, dedup_key: event.id, state: event.state, resolved: "ok, closed"}
```

Options are dotted paths (`event.name`, `alarms.0.id`; upper and lower case are the same): `title`, `severity`,
`dedup_key`, `state`, `affected`, `link`, and `alerts` for a list with one alert in each item. `resolved` and
`acknowledged` are the words, separated by commas, that `state` has then; any other word triggers.

Without a dedup key alerts of the same rule or monitor, else of the same title, about the same affected thing are the
same, so that a repeat joins and a recovery closes; without all of these only equal bodies are. A plain `id` is not the
key unless an option says so: most tools number each message, and a recovery would then close nothing.
"""

import json
from collections.abc import Iterator, Mapping

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.errors import Malformed
from tocsin.sources import Posted, _plain

ALERTS = 1_000

# Best ones first, without case and punctuation.
_NAMES = {
    "title": "title summary subject headline shortdescription message msg alertname name rulename monitorname checkname"
    " displayname monitorfriendlyname text description body messagebody reason error",
    "severity": "severity priority level urgency sev criticality importance importancelevel",
    "dedup_key": "dedupkey dedupekey dedup deduplicationkey incidentkey alertkey alias fingerprint incidentid issueid"
    " problemid",
    "rule": "alertid monitorid checkid ruleid",  # one of these can watch many things
    "state": "eventaction action alertaction state currentstate alertstate newstate status currentstatus alertstatus"
    " eventtype alerttype alerttypefriendlyname transition",
    "affected": "affected host hostname instance node server device resource resourcename service servicename entity"
    " component target monitorname monitorfriendlyname checkname source",
    "link": "link url href alerturl incidenturl issueurl dashboardurl detectorurl ruleurl weburl htmlurl monitorurl",
}


def _words(option: str) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in option.split(",") if word.strip())


_GUESSES = {field: tuple(names.split()) for field, names in _NAMES.items()}
_WRAPPERS = ("alert", "incident", "issue", "problem", "event", "monitor", "check", "heartbeat", "data", "payload")
PATHS_OF_FIELDS = _NAMES.keys() - {"rule"}
OPTIONS = PATHS_OF_FIELDS | {"alerts", "resolved", "acknowledged"}
_RESOLVED = _words(
    "ok,up,close,closed,clear,cleared,resolve,resolved,recover,recovered,recovery,normal,healthy,passing,fixed"
)
_ACKNOWLEDGED = _words("ack,acknowledge,acknowledged")
# One of these outweighs a word of recovery in another field: a page too many is better than one too few.
_FIRING = _words(
    "firing,alerting,trigger,triggered,open,opened,reopened,problem,down,active,activated,failing,failed,unhealthy"
)


def parse(posted: Posted) -> list[Alert]:
    """Give one alert for a value, or one for each object of a list; raises Malformed (413) beyond 1,000."""
    items = _items(posted)
    if len(items) > ALERTS:
        raise Malformed(f"The body has {len(items)} alerts; send at most {ALERTS} at once.", status=413)
    alerts = [_alert(_Item(item, posted.options), posted.integration) for item in items]
    # Messages overtake each other on their way: of two about the same thing only the last is true.
    return list({alert.dedup_key: alert for alert in alerts}.values())


class _Item:
    """One object of the body, and where its fields may be."""

    def __init__(self, whole: object, options: Mapping[str, str]) -> None:
        """Look into the object and into those that tools wrap an alert in: `incident.id` is `incidentid` too."""
        self.whole = whole
        self.options = options
        own = _plain.folded(whole)
        self.places = [own]
        for name in _WRAPPERS:
            inner = _plain.folded(own.get(name))
            self.places.append({f"{name}{part}": value for part, value in inner.items()} | inner)

    def texts(self, field: str) -> Iterator[str]:
        """Give all that may be the field: what the options say, then the guesses.

        A state that the options name is not guessed if it is not there: a wrong guess would close what is broken.
        """
        if path := self.options.get(field):
            yield _plain.text(at(self.whole, path)).strip()
            if field == "state":
                return
        for name in _GUESSES[field]:
            for place in self.places:
                value = place.get(name)
                if isinstance(value, str | int | float) and not isinstance(value, bool):
                    yield _plain.text(value).strip()

    def first(self, field: str) -> str:
        """Give the best text there is for the field, or nothing."""
        return next(filter(None, self.texts(field)), "")


def _items(posted: Posted) -> list[object]:
    value = posted.payload
    if path := posted.options.get("alerts"):
        value = at(value, path) or value
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else [value]


def _alert(item: _Item, integration: str) -> Alert:
    title = item.whole.strip() if isinstance(item.whole, str) else item.first("title")
    affected = item.first("affected")
    subject = item.first("rule") or title
    derived = _plain.digest(subject, affected) if subject else _plain.digest(item.whole)
    return Alert(
        action=_action(item),
        dedup_key=_plain.key(item.first("dedup_key")) or derived,
        title=_plain.one_line(title) or _without_title(item.whole, integration),
        severity=_severity(item),
        affected=_plain.one_line(affected),
        link=_plain.link(*item.texts("link")),
        labels=_labels(item.whole),
        details=_plain.cut(json.dumps(item.whole, indent=1, ensure_ascii=False), _plain.DETAILS),
    )


def _without_title(whole: object, integration: str) -> str:
    sentence = _plain.untitled(integration)
    return f"{sentence}: {_plain.text(whole)}" if isinstance(whole, int | float) else sentence


def _action(item: _Item) -> Action:
    words = {word.casefold() for word in item.texts("state")}
    resolved = _words(item.options.get("resolved", "")) or _RESOLVED
    acknowledged = _words(item.options.get("acknowledged", "")) or _ACKNOWLEDGED
    if words & (_FIRING - resolved - acknowledged):
        return Action.TRIGGER
    if words & resolved:
        return Action.RESOLVE
    return Action.ACKNOWLEDGE if words & acknowledged else Action.TRIGGER


def _severity(item: _Item) -> Severity:
    known = (_plain.severity(text) for text in item.texts("severity"))
    return next((severity for severity in known if severity is not Severity.UNKNOWN), Severity.UNKNOWN)


def _labels(whole: object) -> dict[str, str]:
    if not isinstance(whole, dict):
        return {}
    given = [whole[name] for name in ("labels", "tags") if isinstance(whole.get(name), dict)]
    return _plain.labels({**whole, **given[0]} if given else whole)


def at(value: object, path: str) -> object:
    """Give what a dotted path leads to, or None; a name may itself hold dots."""
    if not path:
        return value
    if isinstance(value, list):
        head, _, rest = path.partition(".")
        return at(value[int(head)], rest) if head.isdecimal() and int(head) < len(value) else None
    if not isinstance(value, dict):
        return None
    for name, inner in value.items():
        if path.casefold() == name.casefold():
            return inner
    for name, inner in value.items():
        if name and path.casefold().startswith(f"{name}.".casefold()):
            return at(inner, path[len(name) + 1 :])
    return None
