"""The command that asks where an alert with some labels goes, by the code that decides it for a real one."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from infra.cli.fields import suggestion
from infra.cli.options import STATED, everywhere, is_json, show
from infra.cli.render import clean
from infra.cli.times import given
from infra.cli.whatif import ruled
from infra.cli.whatif.command import config_option, door, door_of, tried
from tocsin import wiring
from tocsin.domain import rules
from tocsin.domain.alert import Event
from tocsin.domain.config import Config
from tocsin.domain.escalation import page_next
from tocsin.domain.opening import Minted, open_incident
from tocsin.domain.routing import Outcome, Routed
from tocsin.sources import Posted, load

PLAIN = "opened a new incident"


@click.group()
@everywhere
def route() -> None:
    """Ask where alerts go."""


@route.command()
@click.argument("labels", metavar="[LABEL=VALUE]...", nargs=-1)
@door
@click.option("--expect", type=STATED, metavar="SERVICE", help="Exit with 1 if it goes to another service.")
@click.option("--at", type=STATED, help="When it comes in (now unless given).")
@config_option
@everywhere
def test(
    labels: tuple[str, ...], integration: str | None, expect: str | None, at: str | None, file: Path | None
) -> None:
    """Say where an alert with these labels goes.

    The service, the urgency, who is paged first, and what each rule says of it.

    Its severity is read from the labels as that of an alert of Alertmanager. With --config no network is needed.

    Exit codes: 0 it goes there, 1 it does not go to the service that was expected, 2 wrong usage.
    """
    config, when = tried(file, alone=True), given(at) if at else wiring.now()
    event = _event(config, door_of(config, integration), dict(map(_label, labels)), when)
    path, routed = ruled.decided(config, event, when)
    where = _where(event, path, routed, config, when)
    is_expected = expect in (None, where["service"])
    show({**where, "expected": is_expected, **ruled.shown(path)}, _route)
    if not is_expected:
        _say_expected(config, str(expect))
        raise click.exceptions.Exit(1)


def _say_expected(config: Config, service: str) -> None:
    """Say on stderr what was expected, and that there is no such service if that is why."""
    if not is_json():
        unknown = "" if service in config.services else f", which is no service{suggestion(service, config.services)}"
        click.echo(f"expected: {service}{unknown}", err=True)


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f'"{text}" is no label: write its name, = and its value, as in severity=critical')
    return name, value


def _event(config: Config, integration: str, labels: dict[str, str], when: datetime) -> Event:
    """Give the event that such an alert would be, read by the code that does it for a real one."""
    payload = {"version": "4", "alerts": [{"status": "firing", "labels": labels, "fingerprint": "a"}]}
    [alert] = load("alertmanager").parse(Posted(payload, integration=integration))
    return Event("a", when, integration, config.integrations[integration].service, alert)


def _where(event: Event, path: rules.Path, routed: Routed, config: Config, when: datetime) -> dict[str, Any]:
    """Say whose it is, and who is paged first, whenever that is."""
    led = rules.led(event, path)
    opened = open_incident(led, config, Minted("a", "a"), when, path)
    pages = routed.outcome is Outcome.OPENED
    paged = page_next(opened, config, when) if pages else opened
    because = [each.why for each in paged.timeline if each.what == "paging"]
    names = ("integration", "service", "service_name", "title", "urgency", "severity", "priority", "dedup_key")
    return {
        **{name: getattr(opened, name) for name in names},
        "group": path.group,
        "outcome": routed.outcome,
        "reason": routed.reason,
        "users": list(dict.fromkeys(one.user for one in paged.new)),
        "because": because[-1] if because else "",
    }


def _route(answer: dict[str, Any]) -> str:
    service = click.style(answer["service"], fg="green" if answer["expected"] else "red")
    who = clean(answer["because"]) or "nobody is paged"
    reason = "" if answer["reason"] == PLAIN else f": {clean(answer['reason'])}"
    head = (
        f"{answer['integration']} -> {service} ({clean(answer['service_name'])}), {answer['urgency']} urgency, "
        f"{who}{reason}"
    )
    return "\n".join([head, *ruled.lines(answer)])
