"""Compares with PagerDuty, incident by incident, whom both have paged: what it exports, and what we would have done."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from infra.cli.importing.export import Wire
from infra.cli.options import everywhere, show
from infra.cli.planning.repaged import Paging, paged
from infra.cli.render import clean, moment, table
from infra.cli.whatif.command import config_option, tried
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Config

DECIDED = {"assign_log_entry", "escalate_log_entry"}
BY_A_PERSON = ("user",)


class Reference(Wire):
    """Another object, by its id and what it is called."""

    id: str
    type: str = ""
    summary: str | None = None


class Theirs(Reference):
    """An incident; without `include[]=incidents` a log entry has only a reference to it."""

    incident_key: str | None = None
    title: str | None = None
    urgency: str = "high"
    service: Reference | None = None


class Entry(Reference):
    """A line of an incident's log; those that assign it say to whom."""

    created_at: AwareDatetime
    incident: Theirs
    agent: Reference | None = None
    assignees: tuple[Reference, ...] = ()


class Answers(Wire):
    """What the API answered: either list, or both, and whether it has more of them."""

    incidents: tuple[Theirs, ...] = ()
    log_entries: tuple[Entry, ...] = ()
    more: bool | None = False


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@config_option
@everywhere
def shadow(files: tuple[Path, ...], file: Path | None) -> None:
    """Compare whom PagerDuty paged with whom this would page.

    Each FILE holds what its REST API answered: log_entries with include[]=incidents, or log_entries and incidents. Of
    each incident every page that its policy decided is compared with the same level here, at that time; services and
    people are known by their names. With --config no network is needed.

    Exit codes: 0 both have paged the same people, 1 they differ somewhere, or nothing could be compared.
    """
    read = list(_read(files))
    answer = {**compared(tried(file, alone=True), read), "whole": _is_whole(read)}
    if not answer["pages"] and not answer["unknown_services"]:
        raise click.ClickException("there is no page to compare: no entry says whom an escalation policy has paged")
    show(answer, _text)
    if answer["differences"] or answer["unknown_services"]:
        raise click.exceptions.Exit(1)


def _is_whole(answers: Iterable[Answers]) -> bool:
    """Tell whether the last page of the log is there: the API says of each page before it that there are more."""
    return any(not answer.more for answer in answers if answer.log_entries)


def compared(config: Config, answers: Iterable[Answers]) -> dict[str, Any]:
    """Give each page that went to other people, and the services that have no namesake here."""
    pages, differences, unknown = 0, list[dict[str, Any]](), set[str]()
    services = {each.name.casefold(): name for name, each in config.services.items()}
    for incident, steps in _steps(answers):
        called = (incident.service.summary if incident.service else None) or ""
        service = services.get(called.casefold())
        if not service:
            unknown.add(called)
            continue
        pages += len(steps)
        ours = paged(config, _event(incident, service, min(steps)), [Paging(at) for at in sorted(steps)])
        for number, (at, users) in enumerate(zip(sorted(steps), ours, strict=True), 1):
            one, other = sorted(steps[at]), sorted(config.users[user].name for user in users)
            if _same(one) != _same(other):
                about = {"incident": incident.id, "title": incident.title or incident.summary or "", "service": service}
                differences.append({**about, "at": at, "page": number, "pagerduty": one, "tocsin": other})
    return {"pages": pages, "differences": differences, "unknown_services": sorted(unknown)}


def _steps(answers: Iterable[Answers]) -> Iterator[tuple[Theirs, dict[datetime, set[str]]]]:
    """Give each incident with whom its policy paged at which times."""
    known: dict[str, Theirs] = {}
    steps: dict[str, dict[datetime, set[str]]] = defaultdict(lambda: defaultdict(set))
    for answer in answers:
        for incident in (*answer.incidents, *(entry.incident for entry in answer.log_entries)):
            if incident.service or incident.id not in known:
                known[incident.id] = incident
        for entry in answer.log_entries:
            if entry.type in DECIDED and entry.assignees and not _by_a_person(entry):
                steps[entry.incident.id][entry.created_at] |= {each.summary or each.id for each in entry.assignees}
    return ((known[identity], found) for identity, found in steps.items())


def _by_a_person(entry: Entry) -> bool:
    return entry.agent is not None and entry.agent.type.startswith(BY_A_PERSON)


def _event(incident: Theirs, service: str, at: datetime) -> Event:
    severity = Severity.WARNING if incident.urgency == "low" else Severity.CRITICAL
    title = incident.title or incident.summary or incident.id
    alert = Alert(Action.TRIGGER, incident.incident_key or incident.id, title, severity)
    return Event(incident.id, at, f"{service}/operator", service, alert)


def _same(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}


def _read(files: Iterable[Path]) -> Iterator[Answers]:
    for file in files:
        try:
            yield TypeAdapter(Answers).validate_python(json.loads(file.read_bytes()))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise click.ClickException(f"{file} is no answer of PagerDuty's API: {place}: {first['msg']}") from None
        except ValueError:
            raise click.ClickException(f"{file} is no JSON") from None


def _text(answer: dict[str, Any]) -> str:
    found = answer["differences"]
    lines = [f"{answer['pages'] - len(found)} of {answer['pages']} pages went to the same people"]
    if found:
        rows = [
            (moment(each["at"]), each["service"], str(each["page"]), _names(each["pagerduty"]), _names(each["tocsin"]))
            for each in found
        ]
        lines += table([("AT", "SERVICE", "PAGE", "PAGERDUTY", "TOCSIN"), *rows])
    lines += [f'no service here is called "{clean(name)}"' for name in answer["unknown_services"]]
    lines += [] if answer["whole"] else ["this is only a part: the API has said that there are more log entries"]
    return "\n".join(lines)


def _names(names: list[str]) -> str:
    return clean(", ".join(names)) or "nobody"
