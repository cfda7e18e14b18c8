"""Makes the page of costs: what the command says, what was counted, and what is asked for it."""

from collections.abc import Iterator
from textwrap import indent

from infra.cli.cost.operations import ACTS
from infra.cli.cost.prices import COUNTRIES, GOOGLE, SEAT

_HEAD = """\
# What it costs

`infra/tocsin cost` says it for your own month: `--alerts`, `--pages`, `--calls`, `--users`, `--country`, `--output
json`. This page is `infra/tocsin cost --markdown`.
"""
_READING = """\
A page costs hundreds of times what an alert does: grouping, rules and digests save money, fewer database operations
do not. Half of Twilio's part are answers: whoever texts `ack` is told that it was heard. One warm instance of a
function, which saves its cold start, is about $10 a month; a domain with its load balancer about $25. With a
`budget` in the configuration, what can wait is bundled before a month gets dearer than that.

## What is counted

At the clients, in a night of the tests, from the first request to the last task that finds nothing to do: receipts,
repeats of what is not needed any more, and the answer's answer included. `tests/cli/test_cost.py` holds each figure
to the code, so a change that asks the database for more has to say so here.

| act | reads | writes | deletes | requests | events | tasks | texts | calls | heard |
|---|---|---|---|---|---|---|---|---|---|"""
_ASKED = """
A request is billed as a tenth of a second of one processor and half a gibibyte, as if no other ran beside it; a sweep
as half a second. A task is two operations. A storm is cheaper by up to five times, since requests then share a
processor.

## What is asked for it

| for | price | read | where |
|---|---|---|---|"""
_FOOT = """
Reads, writes and deletes are for 100,000 of them, requests and task operations for a million, what is published and
pushed for a tebibyte; seconds are for one. Free in a month are 50,000 reads and 20,000 writes a day, two million
requests, 180,000 processor seconds, 360,000 gibibyte seconds, 10 GiB and a million task operations. Prices change:
look them up before you rely on them."""


def page(said: str) -> str:
    """Give the page around what the command says of the usual month."""
    counted = "\n".join(f"| {name} | {' | '.join(map(str, vars(one).values()))} |" for name, one in ACTS.items())
    return "\n".join([_HEAD, indent(said, "    "), "", _READING, counted, _ASKED, *_prices(), _FOOT])


def _prices() -> Iterator[str]:
    for name, price in GOOGLE.items():
        yield f"| {name} | ${price.dollars} | {price.read} | {price.source} |"
    for code, there in COUNTRIES.items():
        for what, dollars in (("text", there.text), ("text received", there.heard), ("call, a minute", there.call)):
            yield f"| {code}: {what} | ${dollars} | {there.read} | {there.source} |"
    for plan, price in SEAT.items():
        yield f"| PagerDuty {plan} | ${price.dollars} | {price.read} | {price.source} |"
