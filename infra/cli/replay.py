"""The operator's second try: messages that were put aside or given up are routed again, by the code that routes."""

import base64
import binascii
import hashlib
import io
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from infra.cli.access import noted, record
from infra.cli.options import STATED, everywhere, settings, show
from infra.cli.rehearsal import Rehearsal, Silent
from infra.cli.render import clean, moment
from infra.cli.whatif.day import events, record_
from tocsin import route, wiring
from tocsin.clients.store import Data, Transaction
from tocsin.domain.audit import Kind
from tocsin.errors import TocsinError
from tocsin.ledger import Reading, events_in, quarantine
from tocsin.records import check_version

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
INCOMPLETE = (
    "what was kept is not the whole message (it was too large for one document, or no text): only its sender can "
    "repeat it"
)

go = click.option("--go", is_flag=True, help="Do it; without this nothing is changed.")
pace = click.option(
    "--per-second", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many to route in a second."
)


@dataclass(frozen=True)
class Letter:
    """A message to route again and the name it goes by; `trouble` says why it cannot be."""

    name: str
    data: bytes = b""
    trouble: str = ""


class Replay(click.Group):
    """Takes the file of a day without being told that it is one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is a file, and no command, for the events of a day."""
        if args[0] not in self.commands and Path(args[0]).is_file():
            args = ["events", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=Replay, subcommand_metavar="FILE | COMMAND [ARGS]...")
@everywhere
def replay() -> None:
    """Try a day again, or route again what could not be routed.

    `replay FILE` says who would have been paged for the events of a day, which `replay record` has written. The other
    commands change nothing without --go, and nothing happens twice.
    """


replay.add_command(events)
replay.add_command(record_)


@replay.command("quarantine")
@click.argument("identities", type=STATED, metavar="[ID]...", nargs=-1)
@go
@pace
@everywhere
def quarantine_(identities: tuple[str, ...], *, go: bool, per_second: int) -> None:
    """Route quarantined messages again.

    All that were not replayed yet, or those whose ID begins as given.
    """
    settings()
    if not go:
        noted("what was put aside", "quarantine")
    reading = Reading(wiring.store())
    aside = {id_: kept for id_, kept in quarantine(reading).items() if not kept.get("replayed_at")}
    if unknown := [each for each in identities if not any(id_.startswith(each) for id_ in aside)]:
        raise click.ClickException(f'nothing in quarantine that was not replayed begins with "{unknown[0]}"')
    # The oldest first, as they came.
    chosen = [id_ for id_ in reversed(aside) if not identities or id_.startswith(identities)]
    for id_ in chosen:
        check_version("Quarantine", aside[id_])
    results = []
    for result in _replay((_letter(id_, aside[id_]) for id_ in chosen), per_second, go=go):
        results.append(result)
        if go:
            _note(result, aside[result["name"]])
    _report(results, go=go, cut=bool(reading.cut))


@replay.command("dead-letters")
@click.argument("file", type=FILE)
@go
@pace
@everywhere
def dead_letters(file: Path, *, go: bool, per_second: int) -> None:
    """Route the dead-lettered messages in FILE again.

    Each line is one JSON value: a Pub/Sub message, or an event.

    For example: gcloud pubsub subscriptions pull NAME --limit 100 --format json | jq -c '.[]' > FILE
    """
    settings()
    lines = enumerate(file.read_bytes().splitlines(), 1)
    letters = [_dead_letter(f"line {number}", line) for number, line in lines if line.strip()]
    _report(list(_replay(letters, per_second, go=go)), go=go)


def _letter(identity: str, kept: Data) -> Letter:
    data = kept["data"].encode()
    # The id is the digest of all that came: what was cut has another one.
    whole = hashlib.sha256(data).hexdigest() == identity
    return Letter(identity, data) if whole else Letter(identity, data, INCOMPLETE)


def _dead_letter(name: str, line: bytes) -> Letter:
    try:
        value = json.loads(line)
    except ValueError:
        return Letter(name, trouble="this is no JSON")
    if events_in(line):
        return Letter(name, line)
    if not isinstance(value, dict):
        return Letter(name, trouble="this is neither a Pub/Sub message nor an event")
    message = value.get("message", value)
    if not isinstance(message, dict) or "data" not in message:
        return Letter(name, trouble="this is no message with data, no event")
    try:
        return Letter(name, base64.b64decode(str(message["data"]), validate=True))
    except (binascii.Error, ValueError):
        return Letter(name, trouble="the data of this message is not base64")


def _replay(letters: Iterable[Letter], per_second: int, *, go: bool) -> Iterator[dict[str, Any]]:
    store = wiring.store() if go else Rehearsal(wiring.store())
    tasks = wiring.tasks() if go else Silent()
    for letter in letters:
        result = {"name": letter.name, **_about(letter), "outcome": "failed", "reason": letter.trouble}
        try:
            if not letter.trouble:
                # What the verb logs is for the log of a function; here each result is printed.
                with redirect_stdout(io.StringIO()):
                    said = route.arrived(letter.data, store, tasks, wiring.moment())
                result["outcome"], _, result["reason"] = said.partition(": ")
        except TocsinError as error:
            result["reason"] = str(error)
        yield result
        if go:
            time.sleep(1 / per_second)


def _about(letter: Letter) -> dict[str, Any]:
    first = next(iter(events_in(letter.data)), None)
    return {"title": first and first.alert.title, "accepted_at": first and first.accepted_at}


def _note(result: dict[str, Any], before: Data) -> None:
    """Mark what was routed; what could not be stays as it came, with the new reason, for another try."""
    now, path = wiring.now(), f"quarantine/{result['name']}"
    said = f"{result['outcome']}: {result['reason']}"
    put_aside = result["outcome"] == "quarantined"
    marks = {"why": result["reason"], "tried_at": now} if put_aside else {"replayed_at": now, "outcome": said}

    def write(tx: Transaction) -> None:
        tx.put(path, {**before, **marks})

    if result["outcome"] != "failed":
        wiring.store().transact(write)


def _report(results: list[dict[str, Any]], *, go: bool, cut: bool = False) -> None:
    if go and results:
        record("messages routed again", "quarantine", {"messages": str(len(results))}, Kind.ACTION)
    show({"go": go, "messages": results, "cut": cut}, _text)
    if any(each["outcome"] in {"quarantined", "failed"} for each in results):
        raise click.exceptions.Exit(1)


def _text(answer: dict[str, Any]) -> str:
    if not answer["messages"]:
        return "nothing to replay"
    lines = [_line(each, go=answer["go"]) for each in answer["messages"]]
    lines += ["there are more: this was only a part of them"] if answer["cut"] else []
    return "\n".join(lines if answer["go"] else [*lines, "nothing was changed: --go does it"])


def _line(result: dict[str, Any], *, go: bool) -> str:
    name = result["name"][:12]
    at = result["accepted_at"]
    about = f' "{clean(result["title"])}" of {moment(at)}' if at else ""
    return f"{name}{about}: {clean(_became(result, go=go))}"


def _became(result: dict[str, Any], *, go: bool) -> str:
    outcome, reason = result["outcome"], result["reason"]
    match outcome:
        case "failed":
            return f"not routed: {reason}"
        case "quarantined":
            return f"{'still cannot' if go else 'could still not'} be routed: {reason}"
        case "repeated":
            return f"routed before: {reason.removesuffix(' before')}"
    return f"{'' if go else 'would be '}{outcome}: {reason}"
