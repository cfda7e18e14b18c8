"""The operator's ledger: what was accepted and what became of it, and everything that is not as it must be."""

from datetime import timedelta
from typing import Any

import click

from infra.cli.fields import duration
from infra.cli.options import command, everywhere, settings, show
from infra.cli.render import clean, moment
from tocsin import wiring
from tocsin.ledger import Ledger
from tocsin.ledger import ledger as read

PUBSUB = "What Pub/Sub has accepted and not yet delivered is known to Pub/Sub alone; it is not in these numbers."


def length(_: click.Context, __: click.Parameter, value: str) -> timedelta:
    """Read the option's duration."""
    try:
        return duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option(
    "--since", default="24h", show_default=True, callback=length, help="How far to look back, as in 2h or 7d."
)
@everywhere
def ledger(since: timedelta) -> None:
    """Balance the books: accepted = ended + open. Each difference is named, and any makes the exit code 1.

    Counted is what was accepted in the time looked at, and what still waits however old; looked at is every incident
    that is triggered.
    """
    settings()
    now = wiring.now()
    found = read(wiring.store(), now - since, now)
    show(_plain(found, now - (found.balance.unsent_since or now)), _text)
    if found.balance.differences:
        raise click.exceptions.Exit(1)


def _plain(found: Ledger, unsent: timedelta) -> dict[str, Any]:
    sums = found.balance
    return {
        "since": found.since,
        "accepted": sums.accepted,
        "ended": sums.ended,
        "open": sums.open,
        "outcomes": dict(sums.outcomes),
        "oldest_unsent_seconds": int(unsent.total_seconds()) if sums.unsent_since else None,
        "unknown_sends": sums.unknown_sends,
        "quarantined_not_replayed": sums.not_replayed,
        "cut": list(found.cut),
        "differences": [{"document": one.document, "sentence": one.sentence} for one in sums.differences],
    }


def _text(answer: dict[str, Any]) -> str:
    happened = [f"{count} {name}" for name, count in answer["outcomes"].items() if count]
    unsent, aside = answer["oldest_unsent_seconds"], answer["quarantined_not_replayed"]
    replay = f" ({command('replay quarantine')})" if aside else ""
    lines = [
        f"{answer['accepted']} accepted since {moment(answer['since'])}",
        f"{answer['ended']} ended{': ' if happened else ''}{', '.join(happened)}",
        f"{answer['open']} open: kept aside while Pub/Sub was away, and not routed yet",
        PUBSUB,
        "",
        f"oldest unsent page: {'none' if unsent is None else f'{unsent} s'}",
        f"sends of unknown fate: {answer['unknown_sends']}",
        f"quarantined and not replayed: {aside}{replay}",
        *(f"only part was read of the {name}: choose a shorter --since" for name in answer["cut"]),
    ]
    return "\n".join([*lines, "", *_verdict(answer["differences"])])


def _verdict(differences: list[dict[str, str]]) -> list[str]:
    if not differences:
        return [click.style("the books balance", fg="green")]
    count = f"{len(differences)} difference{'s' if len(differences) > 1 else ''}"
    named = [f"  {clean(one['sentence'])} ({one['document']})" for one in differences]
    return [click.style(f"{count}:", fg="red"), *named]
