"""Makes the page of costs: what the command says, what was counted, and what is asked for it."""

from collections.abc import Iterator
from decimal import Decimal
from textwrap import indent

from infra.cli.cost.bill import HOURS, MINUTES, canaries, cost, idle, month
from infra.cli.cost.operations import ACTS
from infra.cli.cost.prices import ADDED, COUNTRIES, GOOGLE, SEAT, STANDING
from infra.cli.cost.standing import domain, standing, warm

_HEAD = """\
# What it costs

`infra/tocsin cost` says it for your own month: `--alerts`, `--pages`, `--calls`, `--users`, `--country`, `--output
json`. This page is `infra/tocsin cost --markdown`.
"""
_READING = """\
A page costs hundreds of times what an alert does: grouping, rules and digests save money, fewer database operations
do not. Half of Twilio's part are answers: whoever texts `ack` is told that it was heard. With a `budget` in the
configuration, what can wait is bundled before a month gets dearer than that.

## While nothing burns
"""
_STANDING = """
Alarms are most of it: Google asks for each condition on a metric, and for what it finds when it looks, twice a minute;
for one on a line of the log it asks nothing, so most alarms are of that kind. The number of conditions, checks and
jobs is held to Terraform by a test; two gibibytes of images, a tenth of one of documents and 1.5 kB for a line of the
log are assumed. Fourteen weekly copies are kept. No key of Cloud KMS is used. What expires is deleted for a hundredth
of a cent per thousand documents, and is not free.

## What is counted
"""
_COUNTED = """\
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
Reads, writes and deletes are for 100,000 of them, requests, task operations and time series for a million, checks for
a thousand, what is published and pushed for a tebibyte, metrics for a mebibyte, other bytes for a gibibyte; all else is
for one, and a month. What is "from memory" or "as quoted" could not be read at its source on that day.

Free in a month are 50,000 reads and 20,000 writes a day, two million requests, 180,000 processor seconds, 360,000
gibibyte seconds, 10 GiB published, a million task operations and checks, 150 MiB of metrics, 50 GiB of logs, 1 GiB of
documents, half a GiB of images, 3 jobs, 6 versions of secrets. Prices change: look them up before you rely on them."""


def idle_table() -> list[str]:
    """Give what a month costs in which nothing happens, thing by thing, as a table."""
    there = COUNTRIES["US"]
    sweeps = cost(idle(), there, MINUTES)
    rows: list[tuple[str, Decimal, Decimal]] = [
        ("the sweep, and checks from outside: functions and documents", sweeps.list_price, Decimal(sweeps.charged))
    ]
    rows += [(f"{one.what}: {_amount(one.quantity, one.what)}", one.list_price, one.charged) for one in standing()]
    rows += [("Twilio's number, in the United States", there.number, there.number)]
    rows += [("together", sum((one[1] for one in rows), Decimal(0)), sum((one[2] for one in rows), Decimal(0)))]
    head = ["| while nothing burns, a month | list price | less what is free |", "|---|---|---|"]
    return head + [f"| {what} | ${unfree:,.2f} | ${charged:,.2f} |" for what, unfree, charged in rows]


def added_table() -> list[str]:
    """Give what a team may add to that, as a table."""
    there, used = COUNTRIES["US"], month(50_000, 3_200, 200)
    more = cost(used, there, MINUTES)
    google = more.charged - cost(idle(), there, MINUTES).charged
    canary = cost(canaries(HOURS), there).twilio
    scaling = "`scaling = { ingest = { min_instances = 1 } }`"
    return [
        "| what is added by | a month |",
        "|---|---|",
        f"| 50,000 alerts, 3,200 pages, of them 200 calls | ${google:,.2f} at Google, ${more.twilio:,.2f} at Twilio |",
        f"| a canary every hour | ${canary:,.2f} at Twilio |",
        f"| one instance kept warm, 1 vCPU and 512 MiB ({scaling}) | ${warm():,.2f} |",
        f"| a domain: load balancer, Cloud Armor policy and two rules | ${domain():,.2f} |",
        "| a second region | its requests, and the images of two functions |",
        '| a multi-region database (`firestore_location = "eur3"`) | twice the price of its operations and bytes |',
    ]


def _amount(quantity: Decimal, what: str) -> str:
    if what.startswith("bytes "):
        return f"{quantity / 1024**3:.2f} GiB"
    return f"{quantity:,.0f}"


def page(said: str) -> str:
    """Give the page around what the command says of the usual month."""
    counted = "\n".join(f"| {name} | {' | '.join(map(str, vars(one).values()))} |" for name, one in ACTS.items())
    idly = [_READING, *idle_table(), "", *added_table(), _STANDING]
    return "\n".join([_HEAD, indent(said, "    "), "", *idly, _COUNTED, counted, _ASKED, *_prices(), _FOOT])


def _prices() -> Iterator[str]:
    for name, price in (GOOGLE | STANDING | ADDED).items():
        yield f"| {name} | ${price.dollars} | {price.read} | {price.source} |"
    for code, there in COUNTRIES.items():
        for what, dollars in (("text", there.text), ("text received", there.heard), ("call, a minute", there.call)):
            yield f"| {code}: {what} | ${dollars} | {there.read} | {there.source} |"
    for plan, price in SEAT.items():
        yield f"| PagerDuty {plan} | ${price.dollars} | {price.read} | {price.source} |"
