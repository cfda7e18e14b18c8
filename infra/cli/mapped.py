"""The operator's preview of a body: which alerts come out of it, so that an integration's options can be written."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

import click

from infra.cli.fields import suggestion
from infra.cli.options import everywhere, show
from infra.cli.render import clean
from tocsin import body, sources
from tocsin.records import to_document
from tocsin.sources import Posted, generic

FORM = "application/x-www-form-urlencoded"


@click.command("map")
@click.argument("file", type=click.File("rb"))
@click.option("--option", "given", multiple=True, metavar="NAME=VALUE", help="As in the integration's `options`.")
@click.option("--source", "name", default="generic", show_default=True, help="Read it as another source does.")
@everywhere
def map_(file: IO[bytes], given: tuple[str, ...], name: str) -> None:
    """Show which alerts come out of a body that a tool posts.

    What an --option names is looked for there; the rest is guessed. FILE is JSON, or a form if its name ends in .form;
    - is what comes in. Nothing is sent anywhere.
    """
    options = dict(map(_option, given))
    if name not in sources.names():
        raise click.ClickException(f'there is no source "{name}"{suggestion(name, sources.names())}')
    source = sources.load(name)
    kind = FORM if str(getattr(file, "name", "")).endswith(".form") else ""
    payload = body.read(file.read(), kind, "", source.limit)
    alerts = source.parse(Posted(payload, path=name, options=options, integration="INTEGRATION"))
    notes = list(_notes(payload, options)) if name == "generic" else []
    show({"alerts": [to_document(each) for each in alerts], "notes": notes}, _text)


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f'"{text}" is no option: write its name, = and its value, as in title=event.name')
    return name, value


def _notes(payload: object, options: Mapping[str, str]) -> Iterator[str]:
    """Name the options that do nothing: whoever writes them would take a lucky guess for theirs."""
    for name in options:
        if name not in generic.OPTIONS:
            yield f"{name} is no option of the generic source{suggestion(name, generic.OPTIONS)}"
    inside = generic.at(payload, options.get("alerts", ""))
    items = inside if isinstance(inside, list) else [payload if inside is None else inside]
    for name in sorted(generic.PATHS_OF_FIELDS & options.keys()):
        if all(generic.at(item, options[name]) is None for item in items):
            yield f"{name}: there is nothing at {options[name]}"
    if "alerts" in options and inside is None:
        yield f"alerts: there is nothing at {options['alerts']}"


def _text(answer: dict[str, Any]) -> str:
    alerts = [line for each in answer["alerts"] for line in _alert(each)]
    notes = [click.style(clean(each), fg="yellow") for each in answer["notes"]]
    return "\n".join([*alerts, *notes]) or "no alerts"


def _alert(alert: dict[str, Any]) -> Iterator[str]:
    yield f"{alert['action']}, {alert['severity']}: {click.style(clean(alert['title']), bold=True)}"
    key = alert["dedup_key"] or "(none: each is trouble of its own)"
    for name, value in (("key", key), ("affected", alert["affected"]), ("link", alert["link"])):
        if value:
            yield f"  {name:<9} {clean(value)}"
    for name, value in alert["labels"].items():
        yield f"  {'label':<9} {clean(name)}={clean(value)}"
