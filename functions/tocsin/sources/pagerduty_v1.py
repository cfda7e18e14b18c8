"""Reads PagerDuty's Events API v1, which older integrations speak and Healthchecks still does.

Settings: replace `https://events.pagerduty.com` by `https://YOUR-HOST/ingest`, so that events arrive at
`https://YOUR-HOST/ingest/generic/2010-04-15/create_event.json`, and make the service key the integration key. A sender
that can leave the key out may post to `/ingest/pagerduty_v1/<integration key>`.

The incident key is the dedup key; without one each trigger is new. Version 1 has no severity, so every trigger is of
unknown severity, which pages like a critical one. Links and images that cannot be read are left out. What is no event
at all pages as it is where the key is in the address.
"""

from collections.abc import Iterator, Mapping, Sequence

from tocsin.domain.alert import Action, Alert
from tocsin.errors import Malformed
from tocsin.sources import Posted, _plain, pagerduty
from tocsin.sources._unknown import kept

PATHS = ("generic/2010-04-15/create_event.json",)
LIMIT = 512 * 1024
TAKEN = 200  # some of its clients take nothing else for success

refused = pagerduty.refused

_ACTIONS = (Action.TRIGGER, Action.ACKNOWLEDGE, Action.RESOLVE)
_PARTS = {"event_type", "incident_key"}
_HOSTS = ("HOSTNAME", "hostname", "host", "source")


def key(posted: Posted) -> str:
    """Give the service key; raises Malformed with everything that is wrong with the event if it has none."""
    event = _event(posted)
    service_key = event.get("service_key")
    if isinstance(service_key, str) and 1 <= len(service_key.strip()) <= _plain.KEY:
        return service_key.strip()
    wrong = "is missing" if service_key is None else "must be a string that is not blank"
    raise _invalid(f"'service_key' {wrong}", *_violations(event))


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert of an event; its dedup key is empty if the sender left that to us."""
    if posted.path not in PATHS and not _PARTS & _plain.members(posted.payload).keys() and (whole := kept(posted)):
        return whole  # at PagerDuty's own address its clients are told what is wrong
    event = _event(posted)
    violations = list(_violations(event))
    if violations:
        raise _invalid(*violations)
    action = Action(str(event["event_type"]))
    incident_key = _plain.key(event.get("incident_key"))
    details = _plain.members(event.get("details"))
    contexts = event.get("contexts")
    links = [
        (_plain.first(one.get("text"), one.get("alt")), _plain.link(one.get("href"), one.get("src")))
        for one in map(_plain.members, contexts if isinstance(contexts, list) else ())
    ]
    client = event.get("client")
    return [
        Alert(
            action=action,
            dedup_key=incident_key,
            title=_plain.one_line(event.get("description")) or f"{action.capitalize()} {incident_key}".strip(),
            affected=_plain.first(*(details.get(name) for name in _HOSTS)),
            link=_plain.link(*(href for _, href in links), event.get("client_url")),
            labels=_plain.labels({**details, "client": client} if client else details),
            details=_details(event.get("details"), [*links, ("client", client)]),
        )
    ]


def accepted(alerts: Sequence[Alert]) -> dict[str, object]:
    """Answer as PagerDuty does: a sender that let us choose the incident key learns it here."""
    return {"status": "success", "message": "Event processed", "incident_key": alerts[0].dedup_key}


def _event(posted: Posted) -> Mapping[str, object]:
    if isinstance(posted.payload, dict):
        return posted.payload
    raise Malformed("The event is not a JSON object.")


def _invalid(*violations: str) -> Malformed:
    return Malformed(f"The event is invalid: {'; '.join(violations)}.", *violations)


def _violations(event: Mapping[str, object]) -> Iterator[str]:
    action = event.get("event_type")
    if not isinstance(action, str) or action not in _ACTIONS:
        yield f"'event_type' must be one of {', '.join(_ACTIONS)}"
    elif action != Action.TRIGGER and not _plain.key(event.get("incident_key")):
        yield f"'incident_key' is required to {action}"
    elif action == Action.TRIGGER and not _plain.one_line(event.get("description")):
        yield "'description' must be a string that is not blank"


def _details(said: object, links: Sequence[tuple[str, object]]) -> str:
    pairs = list(said.items()) if isinstance(said, dict) else [("", said)]
    return _plain.lines([*pairs, *((caption or "link", value) for caption, value in links)])
