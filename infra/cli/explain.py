"""Says why an alert went where it went: the path that was recorded with each event, rule by rule."""

from typing import Any

import click

from infra.cli.access import noted
from infra.cli.incidents import find
from infra.cli.options import everywhere, settings, show
from infra.cli.render import clean, moment
from infra.cli.whatif import ruled
from tocsin import desk, events, wiring
from tocsin.clients.store import Data
from tocsin.domain.alert import Event
from tocsin.domain.identity import is_id
from tocsin.domain.rules import NOTHING_CHOSEN, Path
from tocsin.records import from_document

MOST = 200


@click.command()
@click.argument("identity", metavar="ID")
@everywhere
def explain(identity: str) -> None:
    """Say why alerts went where they went.

    ID is that of an incident, which may be shortened, or of an event. Which rules were tried and what each said of the
    alert is read from what was recorded when it was decided; nothing is decided again.
    """
    settings()
    markers = _markers(identity)
    noted("an alert explained", f"events/{identity}")
    show({"events": [_explained(each) for each in markers], "whole": len(markers) < MOST}, _text)


def _markers(identity: str) -> list[Data]:
    store = wiring.store()
    marker = store.get(events.path(identity))
    if marker:
        return [marker]
    incident = (is_id(identity) and desk.find(store, identity)) or find(identity)
    named = (incident.id, *incident.merged)
    found = [data for one in named for _, data in store.query("events", ("incident", "==", one), limit=MOST)]
    return sorted(found, key=lambda one: one["accepted_at"])[:MOST]


def _explained(marker: Data) -> dict[str, Any]:
    event = from_document(Event, marker["event"])
    path = from_document(Path, marker["path"]) if "path" in marker else NOTHING_CHOSEN
    came = {"integration": event.integration, "service": event.service, "dedup_key": event.alert.dedup_key}
    return {
        "id": event.id,
        "accepted_at": event.accepted_at,
        "action": event.alert.action,
        "title": event.alert.title,
        **came,
        "labels": dict(event.alert.labels),
        **ruled.shown(path),
        "outcome": marker["outcome"],
        "reason": marker["reason"],
        "incident": marker["incident"],
        "more": events.count(marker) - 1,
    }


def _text(answer: dict[str, Any]) -> str:
    if not answer["events"]:
        return "nothing is recorded about how this came about"
    parts = [_event(each) for each in answer["events"]]
    return "\n\n".join([*parts, *([] if answer["whole"] else ["there are more: these are only the first"])])


def _event(one: dict[str, Any]) -> str:
    labels = ", ".join(f"{clean(name)}={clean(value)}" for name, value in one["labels"].items())
    came = f"dedup key {clean(one['dedup_key'])}, service {clean(one['service'])}"
    head = [
        f"{moment(one['accepted_at'])}: {one['action']} from {clean(one['integration'])}, event {clean(one['id'])}",
        f"  {click.style(clean(one['title']), bold=True)} ({came})",
        *([f"  labels: {labels}"] if labels else []),
    ]
    rules = list(ruled.lines(one)) or ["  there was no rule to ask"]
    incident = f", incident {one['incident']}" if one["incident"] else ""
    more = f", and {one['more']} more of the same" if one["more"] else ""
    return "\n".join([*head, *rules, f"  {one['outcome']}: {clean(one['reason'])}{incident}{more}"])
