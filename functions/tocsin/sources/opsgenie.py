"""Reads Opsgenie's Alert API, so that whatever can page through Opsgenie pages through here by changing a URL.

Settings: where the other tool asks for Opsgenie's API URL (Alertmanager: `api_url` in `opsgenie_configs`) enter
`https://YOUR-HOST/ingest/`, and as API key the integration key. Alerts are then created at `/ingest/v2/alerts`; the
requests `close`, `acknowledge`, `notes`, `message`, `description`, `priority`, `details` and `tags` at
`/ingest/v2/alerts/ALIAS/close` and so on are answered as Opsgenie answers them. A webhook integration of Opsgenie
itself, posting to `/ingest/opsgenie/<integration key>`, passes on its alerts while both are in use.

Alerts are the same if their alias is the same; without one each is trouble of its own, as in Opsgenie. An identifier in
the address is taken for an alias, whatever `identifierType` says: there are no other ids here. P1 is critical, P2 an
error, P3 a warning, P4 and P5 are information; without a priority a detail `severity` counts (Alertmanager sends its
labels as details). What only updates an alert is recorded and pages nobody.
"""

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.errors import Malformed
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_CREATE, _ONE = "v2/alerts", "v2/alerts/*/"
_ANSWERS = {f"{_ONE}close": Action.RESOLVE, f"{_ONE}acknowledge": Action.ACKNOWLEDGE}
_UPDATES = tuple(f"{_ONE}{what}" for what in ("notes", "message", "description", "priority", "details", "tags"))

PATHS = (_CREATE, *_ANSWERS, *_UPDATES)
METHODS = ("POST", "PUT")
EMPTY = True

_PRIORITIES = {
    "p1": Severity.CRITICAL,
    "p2": Severity.ERROR,
    "p3": Severity.WARNING,
    "p4": Severity.INFO,
    "p5": Severity.INFO,
}
_HOOKS = {
    "create": Action.TRIGGER,
    "close": Action.RESOLVE,
    "delete": Action.RESOLVE,
    "acknowledge": Action.ACKNOWLEDGE,
}
_WORDS = {401: "Could not authenticate", 422: "Request body is not processable. Please check the errors."}


def key(posted: Posted) -> str:
    """Give the API key; raises Malformed (401) if there is none."""
    scheme, _, given = posted.headers.get("authorization", "").strip().partition(" ")
    if scheme.casefold() != "geniekey" or not given.strip():
        raise Malformed("The API key is missing: send the header Authorization: GenieKey KEY.", status=401)
    return given.strip()


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert that is created, closed, acknowledged or updated; raises Malformed (422) for no body."""
    said = _plain.members(posted.payload)
    alias = _plain.key(posted.inside)
    if "*" in posted.path and not alias:
        raise Malformed("The address names no alias.", "identifier can not be empty", status=422)
    if action := _ANSWERS.get(posted.path):
        words = _plain.first(said.get("note"), f"{action.capitalize()} {alias}")
        return [Alert(action, alias, words, link=_plain.link(said.get("source")))]
    if posted.path in _UPDATES:
        what = posted.path.removeprefix(_ONE)
        return [Alert(Action.CHANGE, alias, f"Update of {what}", details=_plain.lines([("", posted.payload)]))]
    if posted.payload is None:
        raise Malformed("The body is empty; send JSON.", "message can not be empty", status=422)
    if isinstance(said.get("alert"), dict) and _plain.text(said.get("action")):
        action = _HOOKS.get(_plain.word(said["action"]), Action.CHANGE)
        return [_alert(action, _plain.members(said["alert"]), posted.integration)]
    if not {"message", "alias"} & set(said):
        return kept(posted)
    return [_alert(Action.TRIGGER, said, posted.integration)]


def accepted(alerts: Sequence[Alert]) -> dict[str, object]:
    """Answer as Opsgenie does, which takes every request for later."""
    return {"result": "Request will be processed", **_request([alert.dedup_key for alert in alerts])}


def refused(status: int, message: str, reasons: Sequence[str]) -> dict[str, object]:
    """Answer as Opsgenie does."""
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return {"message": message, **_request(message)}
    return {
        "message": _WORDS.get(status, message),
        "errors": {"body": "; ".join([message, *reasons])},
        **_request(message),
    }


def _request(about: object) -> dict[str, object]:
    # An answer must not depend on chance, and nothing is ever asked about by this id.
    return {"took": 0.0, "requestId": str(uuid.UUID(_plain.digest(about)))}


def _alert(action: Action, said: Mapping[str, object], integration: str) -> Alert:
    own = _plain.members(said.get("details"))
    alias = _plain.key(said.get("alias")) or _plain.key(said.get("alertId"))
    if not alias and action is not Action.TRIGGER:
        alias = _plain.digest(said.get("message"))
    return Alert(
        action=action,
        dedup_key=alias,
        title=_plain.first(said.get("message"), said.get("description")) or _plain.untitled(integration),
        severity=_PRIORITIES.get(_plain.word(said.get("priority"))) or _plain.severity(own.get("severity")),
        affected=_plain.first(said.get("entity"), own.get("instance"), own.get("host")),
        link=_plain.link(*own.values(), said.get("source")),
        labels=_plain.labels({**own, "tags": _tags(said.get("tags"))}),
        details=_plain.lines([("", said.get("description")), ("note", said.get("note")), *own.items()]),
    )


def _tags(value: object) -> str:
    return ", ".join(map(_plain.one_line, value)) if isinstance(value, list) else _plain.text(value)
