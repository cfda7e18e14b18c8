"""The operator's command for alert sources: what there is, and what to set in the other tool, from their docstrings."""

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import tocsin.sources
from infra.cli import render
from infra.cli.fields import suggestion
from infra.cli.options import DATA, everywhere, settings, show
from tocsin import wiring
from tocsin.errors import TocsinError

HOST, KEY = "https://YOUR-HOST", "<integration key>"
FOLDER = Path(tocsin.sources.__file__).parent
# A line; a paragraph that begins with "Settings: " and what is fenced below it; remarks.
LAYOUT = re.compile(
    r"(?P<summary>[^\n]+)\n\nSettings: (?P<settings>(?:(?!\n\n).)+(?:\n\n```(?:.(?!\n```))*.\n```)*)\s*(?P<remarks>.*)",
    re.DOTALL,
)
HEAD = """\
# Alert sources

Each module here reads what one kind of tool posts. A service in the configuration has an integration for each tool:
`source` is the module's name, and the key is part of the URL. `infra/tocsin sources NAME` says the same as this page
for the pager at hand, and `infra/tocsin map FILE` shows which alerts the generic source finds in a body.

This page is made of the modules' docstrings: `infra/tocsin sources --markdown`.
"""


@dataclass(frozen=True)
class Described:
    """What a module says to its users; `paths` are those below `/ingest/`, `templates` the files to copy."""

    name: str
    summary: str
    settings: str
    remarks: str
    paths: tuple[str, ...]
    templates: tuple[Path, ...]


@click.command()
@click.argument("name", required=False)
@click.option("--markdown", is_flag=True, help="Print the page that is kept beside the sources.")
@everywhere
def sources(name: str | None, *, markdown: bool) -> None:
    """List which tools can post alerts, or say what to set in one.

    URLs are those of the pager at hand, if there is one. It knows keys by their hashes only: the keys themselves stand
    in the configuration file.
    """
    if markdown:
        click.echo(page(), nl=False)
    elif name is None:
        host = address()
        rows = [_row(each, host) for each in map(described, tocsin.sources.names())]
        show({"sources": rows}, _table)
    elif name not in tocsin.sources.names():
        raise click.ClickException(f'there is no source "{name}"{suggestion(name, tocsin.sources.names())}')
    else:
        show(_whole(described(name), address()), _text)


def described(name: str) -> Described:
    """Take a module's docstring apart; one that has another layout is a mistake in the module."""
    source = tocsin.sources.load(name)
    said = LAYOUT.fullmatch((import_module(source.parse.__module__).__doc__ or "").strip())
    if not said:
        raise click.ClickException(f'the docstring of the source "{name}" does not say what to set')
    templates = tuple(sorted((FOLDER / "templates").glob(f"{name}.*")))
    return Described(
        name, said["summary"], said["settings"], said["remarks"], (f"{name}/{KEY}", *source.paths), templates
    )


def page() -> str:
    """Give the page of all sources, as it is kept beside them."""
    every = [described(name) for name in tocsin.sources.names()]
    rows = [f"| [{each.name}](#{each.name}) | `/ingest/{each.paths[0]}` | {each.summary} |" for each in every]
    table = ["| source | URL below YOUR-HOST | what it is |", "|---|---|---|", *rows]
    return "\n".join([HEAD, *table, "", *map(_section, every)])


def _section(one: Described) -> str:
    copied = [f"[templates/{file.name}](templates/{file.name})" for file in one.templates]
    parts = [f"## {one.name}", one.summary, one.settings[0].upper() + one.settings[1:], one.remarks]
    parts += [f"To copy: {', '.join(copied)}."] if copied else []
    return "\n\n".join(filter(None, parts)) + "\n"


def address() -> str:
    """Give the address of the pager at hand, or HOST to put one in its place."""
    try:
        settings()
    except click.ClickException:
        if DATA in click.get_current_context().meta:
            raise
        return HOST
    return wiring.settings().public_url or HOST


def urls(name: str, key: str) -> list[str]:
    """Give where a source is posted to with a key."""
    return [f"{address()}/ingest/{path.replace(KEY, key)}" for path in described(name).paths]


def _integrations(name: str) -> list[dict[str, Any]]:
    try:
        config = wiring.current().config(wiring.now())
    except TocsinError:
        return []
    found = [each for each in config.integrations.values() if each.source == name]
    return [{"integration": each.id, "service": each.service, "key": f"KEY-OF-{each.id}"} for each in found]


def _row(one: Described, host: str) -> dict[str, Any]:
    return {"name": one.name, "url": f"{host}/ingest/{one.paths[0]}", "summary": one.summary}


def _whole(one: Described, host: str) -> dict[str, Any]:
    """Give everything about a source, with the pager's address and its integrations in the place of examples."""
    doors = _integrations(one.name) if host != HOST else []
    key = doors[0]["key"] if len(doors) == 1 else ""

    def filled(text: str) -> str:
        text = text.replace(HOST, host)
        return text.replace(KEY, key).replace("YOUR-KEY", key) if key else text

    keys = [each["key"] for each in doors] or [KEY]
    return {
        "name": one.name,
        "summary": one.summary,
        "urls": [f"{host}/ingest/{one.name}/{each}" for each in keys]
        + [f"{host}/ingest/{path}" for path in one.paths[1:]],
        "integrations": doors,
        "settings": filled(one.settings),
        "remarks": one.remarks,
        "templates": [{"file": file.name, "text": filled(file.read_text(encoding="utf-8"))} for file in one.templates],
    }


def _table(answer: dict[str, Any]) -> str:
    rows = [(each["name"], each["url"], each["summary"]) for each in answer["sources"]]
    return "\n".join(render.table([("NAME", "URL", "WHAT"), *rows]))


def _text(answer: dict[str, Any]) -> str:
    said = answer["settings"]
    parts = [f"{click.style(answer['name'], bold=True)}: {answer['summary']}", "\n".join(answer["urls"])]
    parts += [said[0].upper() + said[1:], answer["remarks"]]
    parts += [f"{click.style(each['file'], bold=True)}:\n\n{each['text']}" for each in answer["templates"]]
    return "\n\n".join(filter(None, parts)).rstrip("\n")
