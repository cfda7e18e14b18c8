"""The operator's command for calendar feeds: prints the secret URLs, and makes new ones when one has got around."""

from typing import Any

import click

from infra.cli import render
from infra.cli.access import record
from infra.cli.fields import suggestion
from infra.cli.options import STATED, everywhere, say_if_idle, settings, show
from tocsin import wiring
from tocsin.clients.store import Transaction
from tocsin.domain import audit
from tocsin.domain import feed as rules
from tocsin.domain.config import Config
from tocsin.domain.feed import Feed, Kind, Secret
from tocsin.records import from_document, to_document

_IDS = {Kind.SCHEDULE: "schedules", Kind.USER: "users"}


@click.command()
@click.argument("name", type=STATED, metavar="[SCHEDULE|USER]", required=False)
@click.option("--renew", is_flag=True, help="Make new URLs, of NAME or of all: the old ones end at once.")
@everywhere
def feed(name: str | None, *, renew: bool) -> None:
    """Print the secret URLs of the on-call calendars.

    There is one for each schedule and each user, to be subscribed to as an internet calendar. Whoever knows a URL can
    read that calendar: hand it to nobody else.
    """
    settings()
    url = wiring.settings().public_url
    if not url:
        raise click.ClickException("PUBLIC_URL is not set: it is the address under which the pager can be reached")
    config = wiring.current().config(wiring.now())
    feeds = _feeds(config, name)
    secret = _secret(feeds if name else [], renew=renew)
    if renew:
        record("calendar URLs renewed", rules.PATH, {"of": name or "all"}, audit.Kind.CONFIGURATION)
    else:
        record("calendar URLs shown", rules.PATH, {"of": name or "all"})
    rows = [{"kind": each.kind, "id": each.id, "url": f"{url}/calendar/{rules.where(secret, each)}"} for each in feeds]
    show({"feeds": rows, "renewed": renew}, _text)
    say_if_idle("these answer")


def _feeds(config: Config, name: str | None) -> list[Feed]:
    """Give those with a name, or all; raises click.ClickException if there is none."""
    every = [Feed(kind, each) for kind, ids in _IDS.items() for each in getattr(config, ids)]
    named = [each for each in every if name in (None, each.id)]
    if name and not named:
        meant = suggestion(name, {each.id for each in every})
        raise click.ClickException(f'there is no schedule or user "{name}"{meant}')
    return named


def _secret(some: list[Feed], *, renew: bool) -> Secret:
    """Give the secret, made when it is asked for first; renewed for `some`, or as a whole."""
    fresh = Secret(wiring.new_id())

    def rule(tx: Transaction) -> Secret:
        found = tx.get(rules.PATH)
        known = from_document(Secret, found) if found else fresh
        kept = known if some or not renew else fresh
        for each in some if renew else ():
            kept = kept.renew(each)
        if not found or kept != known:
            tx.put(rules.PATH, to_document(kept))
        return kept

    return wiring.store().transact(rule)


def _text(answer: dict[str, Any]) -> str:
    rows = [(each["kind"], each["id"], each["url"]) for each in answer["feeds"]]
    old = ["The old URLs have ended."] if answer["renewed"] else []
    return "\n".join([*render.table([("OF", "NAME", "URL"), *rows]), *old])
