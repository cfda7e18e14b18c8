"""Reads PagerDuty's Events API v2, so that whatever can page through PagerDuty pages through here by changing a URL.

Settings: replace `https://events.pagerduty.com` by `https://YOUR-HOST/ingest`, so that events arrive at
`https://YOUR-HOST/ingest/v2/enqueue` (changes at `/ingest/v2/change/enqueue`), and make the routing key the integration
key, which must then have 32 characters for some clients. A sender that can leave the key out may post to
`/ingest/pagerduty/<integration key>`.

The dedup key is the sender's own, and the severity is one of PagerDuty's four.

A summary over 1,024 characters is cut, not refused. What only decorates a page (links, images, client, timestamp,
custom_details) is never a reason to refuse one: a part that cannot be read is left out. What is no event at all pages
as it is where the key is in the address.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.errors import Malformed
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

EVENTS = "v2/enqueue"
CHANGES = "v2/change/enqueue"
PATHS = (EVENTS, CHANGES)
LIMIT = 512 * 1024
UNAVAILABLE = 429  # its clients repeat this, and some do not repeat a 503

_ACTIONS = (Action.TRIGGER, Action.ACKNOWLEDGE, Action.RESOLVE)
_SEVERITIES = (Severity.CRITICAL, Severity.ERROR, Severity.WARNING, Severity.INFO)
_PARTS = {"event_action", "payload"}
_CONTEXT = ("source", "component", "group", "class")


def key(posted: Posted) -> str:
    """Give the routing key; raises Malformed with everything that is wrong with the event if it has none."""
    event = _event(posted)
    routing_key = event.get("routing_key")
    if isinstance(routing_key, str) and 1 <= len(routing_key.strip()) <= _plain.KEY:
        return routing_key.strip()
    raise _invalid(_wrong("routing_key", routing_key), *_violations(posted.path, event))


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert of an event; its dedup key is empty if the sender left that to us."""
    if posted.path not in PATHS and not _PARTS & _plain.members(posted.payload).keys() and (whole := kept(posted)):
        return whole  # at PagerDuty's own addresses its clients are told what is wrong
    event = _event(posted)
    violations = list(_violations(posted.path, event))
    if violations:
        raise _invalid(*violations)
    action = Action.CHANGE if posted.path == CHANGES else Action(str(event["event_action"]))
    dedup_key = "" if action is Action.CHANGE else _plain.text(event.get("dedup_key"))
    payload = _object(event.get("payload"))
    links = list(_links(event.get("links"), "href", "text"))
    severity = _plain.text(payload.get("severity"))
    return [
        Alert(
            action=action,
            dedup_key=dedup_key,
            title=_plain.one_line(payload.get("summary") or f"{action.capitalize()} {dedup_key}"),
            severity=Severity(severity) if severity in _SEVERITIES else Severity.UNKNOWN,
            affected=_plain.one_line(payload.get("source")),
            link=_plain.link(*(href for href, _ in links), event.get("client_url")),
            labels=_plain.labels({name: payload.get(name) for name in _CONTEXT} | {"client": event.get("client")}),
            details=_details(event, payload, links),
        )
    ]


def accepted(alerts: Sequence[Alert]) -> dict[str, object]:
    """Answer as PagerDuty does: a sender that let us choose the dedup key learns it here."""
    if any(alert.action is Action.CHANGE for alert in alerts):
        return {"status": "success", "message": "Change event processed"}
    return {"status": "success", "message": "Event processed", "dedup_key": alerts[0].dedup_key}


def refused(status: int, message: str, reasons: Sequence[str]) -> dict[str, object]:
    """Answer as PagerDuty does; its clients show `errors` to their users."""
    if status == UNAVAILABLE or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return {"status": "throttle exceeded", "message": message, "errors": list(reasons)}
    if reasons:
        return {"status": "invalid event", "message": "Event object is invalid", "errors": list(reasons)}
    if status == HTTPStatus.BAD_REQUEST:
        return {"status": "Unrecognized object", "message": "Event object format is unrecognized", "errors": [message]}
    return {"status": "invalid event", "message": message, "errors": [message]}


def _event(posted: Posted) -> Mapping[str, object]:
    if isinstance(posted.payload, dict):
        return posted.payload
    raise Malformed("The event is not a JSON object.")


def _invalid(*violations: str) -> Malformed:
    return Malformed(f"The event is invalid: {'; '.join(violations)}.", *violations)


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _violations(path: str, event: Mapping[str, object]) -> Iterator[str]:
    action = event.get("event_action")
    if path != CHANGES:
        yield from _wrong_choice("event_action", action, _ACTIONS)
        yield from _wrong_dedup_key(event.get("dedup_key"), action)
    if path == CHANGES or action == Action.TRIGGER:
        yield from _wrong_payload(event.get("payload"), change=path == CHANGES)


def _wrong_payload(payload: object, *, change: bool) -> Iterator[str]:
    if not isinstance(payload, dict):
        yield _wrong("payload", payload, "an object")
        return
    for name in ("summary",) if change else ("summary", "source"):
        value = payload.get(name)
        if not isinstance(value, str) or not value.strip():
            yield _wrong(f"payload.{name}", value)
    if not change:
        yield from _wrong_choice("payload.severity", payload.get("severity"), _SEVERITIES)


def _wrong_dedup_key(value: object, action: object) -> Iterator[str]:
    if value in (None, ""):
        if action in (Action.ACKNOWLEDGE, Action.RESOLVE):
            yield f"'dedup_key' is required to {action}"
    elif not isinstance(value, str) or not value.strip():
        yield _wrong("dedup_key", value)
    elif len(value) > _plain.KEY:
        yield f"'dedup_key' has {len(value)} characters, at most {_plain.KEY} are allowed"


def _wrong_choice(name: str, value: object, choices: Iterable[str]) -> Iterator[str]:
    if value is None:
        yield f"'{name}' is missing"
    elif not isinstance(value, str) or value not in choices:
        yield f"'{name}' must be one of {', '.join(choices)}, not {_plain.cut(_plain.text(value), 40)!r}"


def _wrong(name: str, value: object, wanted: str = "a string that is not blank") -> str:
    return f"'{name}' is missing" if value is None else f"'{name}' must be {wanted}"


def _links(values: object, address: str, caption: str) -> Iterator[tuple[str, str]]:
    for value in values if isinstance(values, list) else ():
        href = _plain.link(_object(value).get(address))
        if href:
            yield href, _plain.one_line(_object(value).get(caption))


def _details(event: Mapping[str, object], payload: Mapping[str, object], links: Iterable[tuple[str, str]]) -> str:
    custom = payload.get("custom_details")
    pairs: list[tuple[str, object]] = list(custom.items()) if isinstance(custom, dict) else [("", custom)]
    pairs += [("timestamp", payload.get("timestamp")), ("client", event.get("client"))]
    pairs += [(caption or "link", href) for href, caption in links]
    pairs += [(caption or "image", src) for src, caption in _links(event.get("images"), "src", "alt")]
    return _plain.lines(pairs)
