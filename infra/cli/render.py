"""What the commands print: plain dicts for programs, and the same as text for people."""

import shutil
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import click

from infra.cli.marked import Mistakes
from tocsin.domain.config import Config
from tocsin.domain.incident import Incident

SECTIONS = ("users", "schedules", "policies", "services", "integrations")
SHORT = 8


def counted(config: Config) -> dict[str, Any]:
    """Count what a configuration holds."""
    return {"mistakes": [], **{section: len(getattr(config, section)) for section in SECTIONS}}


def summary(answer: dict[str, Any]) -> str:
    """Say that a file is good, and what is in it."""
    parts = ", ".join(_count(answer[section], section) for section in SECTIONS)
    return f"{', '.join(answer['files'])} is good: {parts}"


def _count(number: int, section: str) -> str:
    one = {"policies": "policy"}.get(section, section.removesuffix("s"))
    return f"{number} {one if number == 1 else section}"


def listed(mistakes: Mistakes) -> dict[str, Any]:
    """Give each mistake with its place."""
    names = ("file", "line", "column", "sentence")
    return {"mistakes": [{name: getattr(each, name) for name in names} for each in mistakes.mistakes]}


def mistakes(answer: dict[str, Any]) -> str:
    """Give a line per mistake in the form that editors jump to, and how many there are."""
    found = answer["mistakes"]
    place = "{file}:{line}:{column}:"
    lines = [f"{click.style(place.format(**each), bold=True)} {clean(each['sentence'])}" for each in found]
    return "\n".join([*lines, click.style(_count(len(found), "mistakes"), fg="red")])


def applied(answer: dict[str, Any]) -> str:
    """Say which version holds now."""
    files = ", ".join(answer["files"])
    if answer["changed"]:
        return f"{files} is now version {answer['version']}"
    return f"nothing changed: {files} is version {answer['version']} already"


def row(incident: Incident) -> dict[str, Any]:
    """Give what a list says of an incident."""
    names = ("id", "status", "urgency", "severity", "service", "service_name", "title", "dedup_key", "opened_at")
    later = ("answered_by", "answered_at", "snoozed_until", "priority", "next_at")
    paused_until = incident.paused_until if incident.is_paused else None
    return {**{name: getattr(incident, name) for name in (*names, *later)}, "paused_until": paused_until}


def incidents(answer: dict[str, Any]) -> str:
    """Give a line per incident."""
    if not answer["incidents"]:
        return "no incidents"
    cells = [("ID", "STATUS", "URGENCY", f"OPENED ({zone()})", "SERVICE", "TITLE")] + [
        (
            each["id"][:SHORT],
            _standing(each),
            each["urgency"],
            _time(each["opened_at"]),
            each["service_name"],
            each["title"],
        )
        for each in answer["incidents"]
    ]
    return "\n".join(_fitting(table([tuple(clean(cell) for cell in line) for line in cells])))


def _standing(row: dict[str, Any]) -> str:
    if row["paused_until"]:
        return f"{row['status']}, paused"
    status = "snoozed" if row["snoozed_until"] else row["status"]
    return f"{status} by {row['answered_by']}" if row["answered_by"] else str(status)


def _fitting(lines: list[str]) -> list[str]:
    """Cut what is longer than the terminal's line; a file or another program has everything."""
    if not sys.stdout.isatty():
        return lines
    width = shutil.get_terminal_size().columns
    return [line if len(line) <= width else f"{line[: width - 1]}\N{HORIZONTAL ELLIPSIS}" for line in lines]


def incident(answer: dict[str, Any]) -> str:
    """Give everything about an incident: the head, what happened, who was notified, what comes next."""
    rank = f"{answer['priority']}, " if answer["priority"] else ""
    standing = f"{rank}{_coloured(answer['status'])}, {answer['urgency']} urgency, {clean(answer['service_name'])}"
    head = [
        click.style(clean(answer["title"]), bold=True),
        f"{standing}, {_count(answer['alerts'], 'alerts')} with the dedup key {clean(answer['dedup_key'])}",
        f"id {answer['id']}",
        *(clean(line) for name in ("affected", "link", "details") for line in answer.get(name, "").splitlines()),
    ]
    timeline = [(_time(each["at"]), each["what"], each["why"]) for each in answer["timeline"]]
    notified = [
        (_time(each["due"]), each["channel"], each["user_name"], f"{each['state']} {each['delivery']}", each["because"])
        for each in answer["notifications"]
    ]
    due = [(_time(each["at"]), each["what"]) for each in answer["due"]] or [("", "nothing")]
    parts = [*_part("Timeline", timeline), *_part("Notifications", notified), *_part("Due next", due)]
    return "\n".join([*head, *parts])


def answered(answer: dict[str, Any]) -> str:
    """Say what became of an answer, and who has the incident if it was somebody else's."""
    already = "" if answer["changed"] else "already "
    return f"{clean(answer['title'])}: {already}{answer['status']} by {clean(answer['answered_by'])}"


def clean(text: str) -> str:
    """Take out what could move a terminal's cursor or hide text: titles come from outside."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _part(title: str, lines: Sequence[tuple[str, ...]]) -> list[str]:
    cells = [tuple(clean(cell) for cell in line) for line in lines]
    return ["", click.style(f"{title} ({zone()})", bold=True), *(f"  {line}" for line in table(cells))]


def table(lines: list[tuple[str, ...]]) -> list[str]:
    """Align the columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def zone() -> timezone:
    """Give the zone in which all times are printed: the offset this machine has now, also for times of last winter."""
    return timezone(datetime.now().astimezone().utcoffset() or timedelta(0))


def moment(at: datetime) -> str:
    """Give a time in the words around it, with its zone."""
    return f"{_time(at)} {zone()}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(zone()):%Y-%m-%d %H:%M:%S}"


def _coloured(status: str) -> str:
    return click.style(status, fg={"triggered": "red", "acknowledged": "yellow"}.get(status, "green"))
