"""The commands that try something out: who would be paged for an alert, and where an alert with these labels goes."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from infra.cli import snapshot
from infra.cli.access import noted
from infra.cli.fields import suggestion
from infra.cli.options import STATED, everywhere, settings, show
from infra.cli.planning.command import checked
from infra.cli.render import clean, moment
from infra.cli.times import given
from infra.cli.whatif import prices
from infra.cli.whatif.night import Night, Sent
from tocsin import wiring
from tocsin.domain.config import Config
from tocsin.domain.incident import Incident
from tocsin.domain.overrides import with_overrides

CALLED = {"sms": "text", "voice": "call"}

config_option = click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="Try this FILE or FOLDER in place of what holds.",
)
door = click.option("--integration", type=STATED, help="Through which one it comes in (needed if there are several).")


@click.command()
@click.option("--alert", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What a tool would post.")
@click.option("--since", type=STATED, help="Try again everything that was accepted since then.")
@door
@click.option("--at", type=STATED, help="When the alert comes in (now unless given).")
@config_option
@everywhere
def simulate(alert: Path | None, since: str | None, integration: str | None, at: str | None, file: Path | None) -> None:
    """Say who would be paged, and what it would cost.

    When, how and with which words: either for --alert, a file with the JSON that a monitoring tool posts, when nobody
    answers until the policy is exhausted; or for everything accepted --since a time, with the answers that people gave
    then. It is done by the code that pages, in memory: nobody is paged and nothing is changed. With --alert and
    --config no network is needed.
    """
    if (alert is None) == (since is None):
        raise click.UsageError("say what to try: --alert FILE, or --since TIME")
    config = tried(file, alone=alert is not None)
    when = given(since or at or "") if since or at else wiring.now()
    if since and when > wiring.now():
        raise click.BadParameter(f"{since} is still to come", param_hint="'--since'")
    night = Night(config, when)
    whole = _post(night, door_of(config, integration), alert) if alert else _again(night, when)
    whole = night.pass_by() and whole
    show(happened(night, whole=whole), text)


def tried(file: Path | None, *, alone: bool) -> Config:
    """Give what to try; a file that is tried on its own needs no pager."""
    if file and alone:
        return checked((file,))
    settings()
    noted("a page tried out", snapshot.CURRENT)
    if file:
        return with_overrides(checked((file,)), snapshot.overrides(wiring.store()))
    return wiring.current().config(wiring.now())


def door_of(config: Config, integration: str | None) -> str:
    """Give the integration that is meant; raises click.ClickException when it is not clear, or is none."""
    names = sorted(config.integrations)
    if integration is None and len(names) == 1:
        return names[0]
    if integration in config.integrations:
        return str(integration)
    if integration is None:
        raise click.UsageError(f"say with --integration through which one it comes in: {', '.join(names) or 'none'}")
    raise click.ClickException(f'there is no integration "{integration}"{suggestion(integration, names)}')


def _post(night: Night, integration: str, alert: Path) -> bool:
    answer = night.post(integration, alert.read_bytes())
    if answer.status != HTTPStatus.ACCEPTED:
        reasons = "; ".join(map(str, [answer.body.get("message"), *_listed(answer.body.get("errors"))]))
        raise click.ClickException(f"{integration} would not accept {alert}: {clean(reasons)}")
    return True


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _again(night: Night, since: datetime) -> bool:
    from infra.cli.whatif.recorded import relive

    return relive(wiring.store(), since, night)


def happened(night: Night, *, whole: bool) -> dict[str, Any]:
    """Give who would have been paged, and what became of the events."""
    pages = [_page(night, each) for each in night.phones.sent]
    costs = [each["cost"] for each in pages]
    return {
        "outcomes": night.outcomes(),
        "incidents": [_incident(each) for each in night.incidents()],
        "pages": pages,
        "cost": float(sum((Decimal(str(each)) for each in costs if each is not None), Decimal())),
        "cost_unknown": costs.count(None),
        "prices": prices.AS_OF,
        "refused": dict(night.refused),
        "whole": whole,
    }


def _page(night: Night, sent: Sent) -> dict[str, Any]:
    one = night.notification(sent)
    cost = prices.price(sent.number, sent.channel, sent.words)
    who = {"user": one.user, "name": one.user_name, "because": one.because}
    how = {
        "channel": sent.channel,
        "level": one.level,
        "text": sent.words,
        "cost": None if cost is None else float(cost),
    }
    return {"at": sent.at, "incident": one.incident, **who, **how, "speaks_for": [*one.carried]}


def _incident(one: Incident) -> dict[str, Any]:
    names = ("id", "title", "service", "service_name", "urgency", "status", "opened_at")
    story = [{"at": each.at, "what": each.what, "why": each.why} for each in one.timeline]
    return {**{name: getattr(one, name) for name in names}, "timeline": story}


def text(answer: dict[str, Any]) -> str:
    """Tell it."""
    lines = [line for each in answer["incidents"] for line in _story(each, answer["pages"])]
    if not lines:
        lines = ["nothing would happen: no incident is opened"]
    lines += [_refused(door, number) for door, number in answer["refused"].items()]
    lines += [] if answer["whole"] else ["this is only a part: there was more than is tried at once"]
    return "\n".join([*lines, _became(answer["outcomes"]), _total(answer)])


def _became(outcomes: dict[str, int]) -> str:
    parts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    return f"{sum(outcomes.values())} events: {parts or 'nothing became of any'}"


def _refused(integration: str, number: int) -> str:
    alerts = "1 alert" if number == 1 else f"{number} alerts"
    return click.style(f"{alerts} would not come in: there is no integration {clean(integration)}", fg="red")


def _story(incident: dict[str, Any], pages: list[dict[str, Any]]) -> Iterator[str]:
    """Tell the decisions and the pages of an incident in the order of their times."""
    standing = f"{clean(incident['service_name'])}, {incident['urgency']} urgency"
    yield f"{click.style(clean(incident['title']), bold=True)} ({standing}), {moment(incident['opened_at'])}"
    told = [(each["at"], 0, f"{each['what']}: {clean(each['why'])}") for each in incident["timeline"]]
    told += [(each["at"], 1, _said(each)) for each in pages if each["incident"] == incident["id"]]
    for at, group in groupby(sorted(told, key=lambda each: each[:2]), key=lambda each: each[0]):
        for number, (_, _, words) in enumerate(group):
            yield f"  {'' if number else _after(at, incident['opened_at']):>10}  {words}"


def _after(at: datetime, start: datetime) -> str:
    return f"+{str(at - start).split('.', maxsplit=1)[0]}"


def _said(page: dict[str, Any]) -> str:
    what = CALLED.get(page["channel"], page["channel"])
    cost = "" if page["cost"] is None else f" (${page['cost']:.4f})"
    return f'{what} to {clean(page["name"])}{cost}: "{clean(page["text"])}"'


def _total(answer: dict[str, Any]) -> str:
    counts = [(name, sum(each["channel"] == channel for each in answer["pages"])) for channel, name in CALLED.items()]
    parts = " and ".join(f"{number} {name}{'' if number == 1 else 's'}" for name, number in counts)
    unknown = answer["cost_unknown"]
    rest = f", and {unknown} to countries whose price is not known here" if unknown else ""
    return f"{parts}: ${answer['cost']:.4f}{rest} ({answer['prices']})"
