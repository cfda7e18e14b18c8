"""The operator's alert: it takes the way every alert takes, from the topic on."""

from dataclasses import dataclass
from typing import Any

import click

from infra.cli.access import noted
from infra.cli.fields import suggestion
from infra.cli.options import STATED, everywhere, say_if_idle, settings, show
from tocsin import wiring
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.audit import LONGEST, Kind
from tocsin.records import to_json

SEVERITIES = [each.value for each in Severity if each is not Severity.UNKNOWN]


@dataclass(frozen=True)
class Raised:
    """What the operator says; an empty dedup key means trouble of its own."""

    service: str
    title: str
    severity: Severity
    dedup_key: str | None


@click.command()
@click.argument("service")
@click.argument("title")
@click.option("--severity", type=click.Choice(SEVERITIES), default="critical", show_default=True)
@click.option(
    "--dedup-key", type=STATED, help="Alerts with the same key are the same trouble (a fresh one unless given)."
)
@everywhere
def trigger(service: str, title: str, severity: str, dedup_key: str | None) -> None:
    """Raise an alert with TITLE for whoever is on call for SERVICE."""
    if not title.strip():
        raise click.ClickException("the title is empty: say in a few words what is wrong, as it should be read out")
    settings()
    show(_publish(Raised(service, title, Severity(severity), dedup_key)), _text)
    say_if_idle("this goes out")


def _publish(raised: Raised) -> dict[str, Any]:
    moment = wiring.moment()
    if raised.service not in moment.config.services:
        meant = suggestion(raised.service, moment.config.services)
        raise click.ClickException(f'there is no service "{raised.service}"{meant}')
    key = raised.dedup_key or moment.new_id()
    alert = Alert(Action.TRIGGER, key, raised.title, raised.severity)
    # No integration can have this name, so the key of an operator never meets that of a monitoring tool.
    event = Event(moment.new_id(), moment.now, f"{raised.service}/operator", raised.service, alert)
    wiring.topic().publish_now(to_json(event))
    noted("an alert raised", f"services/{raised.service}", {"title": raised.title[:LONGEST]}, Kind.ACTION)
    return {"event": event.id, "service": raised.service, "title": raised.title, "dedup_key": key}


def _text(answer: dict[str, Any]) -> str:
    return f"accepted for {answer['service']}: {answer['title']} (dedup key {answer['dedup_key']})"
