"""Looks at the pager's own documents: the configuration, the last sweep, what waits, and the canary."""

from collections.abc import Iterator
from datetime import timedelta

from infra.cli.doctor.finding import Deployment, Finding, State, judged
from infra.cli.doubts import doubts
from tocsin import books
from tocsin.backlog import TOLERATED, backlog
from tocsin.domain import thrift
from tocsin.domain.canary import Flight, how_far, is_back, is_blocked
from tocsin.domain.outlook import gaps_ahead
from tocsin.records import from_document

SILENT = books.EVERY + timedelta(minutes=3)
"""How long the books may not have been read: the sweep reads them every five minutes."""


def configuration(found: Deployment) -> Iterator[Finding]:
    """Look whether there is a configuration, and name what may not be meant and who is missing in the next 14 days."""
    config = found.config
    if not config:
        remedy = "`infra/tocsin apply team.yaml`; if there was one, look whether the documents can be read"
        yield Finding("configuration", State.BROKEN, "there is no configuration: nobody can be paged", remedy)
        return
    sentence = f"{len(config.services)} services, {len(config.users)} people, {len(config.integrations)} integrations"
    yield Finding("configuration", State.WELL, sentence)
    for doubt in doubts(config):
        yield Finding("configuration", State.DOUBTFUL, doubt.sentence, "put it right, or leave it if it is meant")
    for gap in gaps_ahead(config, found.now):
        yield Finding("on call", State.DOUBTFUL, gap.sentence, "`infra/tocsin override add`, or change the schedule")


def sweeps(found: Deployment) -> Iterator[Finding]:
    """Look when a sweep has read the books last, and whether they balanced."""
    last = found.store.get(books.PATH)
    if not last:
        remedy = "is the clock running? `gcloud scheduler jobs describe tocsin-sweep`"
        yield Finding("sweep", State.BROKEN, "no sweep has ever read the books", remedy)
        return
    age = found.now - last["at"]
    remedy = "see OPERATIONS.md, Nothing has swept for five minutes"
    sentence = f"a sweep has read the books {int(age.total_seconds())} seconds ago"
    yield judged("sweep", sentence, remedy, well=age < SILENT)
    count = last["differences"]
    sentence = f"they held {count} differences" if count else "they balanced"
    yield judged("books", sentence, "`infra/tocsin ledger` names each", well=not count)


def waiting(found: Deployment) -> Iterator[Finding]:
    """Look whether anything is overdue, and how late the oldest page is."""
    left = backlog(found.store, found.now)
    well = not left.overdue and left.unsent < TOLERATED.total_seconds()
    sentence = "nothing is overdue" if well else f"the oldest page is {left.unsent} s late; overdue: {left.overdue}"
    yield judged("pages", sentence, "see OPERATIONS.md, A page waits unsent", well=well)


def budget(found: Deployment) -> Iterator[Finding]:
    """Look how much of the month's budget is used, if there is one."""
    allowed = found.config.budget if found.config else None
    if not allowed:
        return
    known = found.store.get(thrift.path(found.now))
    spent = from_document(thrift.Spending, known) if known else thrift.Spending(thrift.begins(found.now))
    sentence = (
        f"{spent.percent(allowed)} % of {allowed.month:g} are used by {spent.texts} texts and {spent.calls} calls"
    )
    if thrift.thrift(spent, allowed) is thrift.Thrift.NONE:
        yield Finding("budget", State.WELL, sentence)
    else:
        remedy = "what can wait is in digests: see OPERATIONS.md, The budget for texts runs out"
        yield Finding("budget", State.DOUBTFUL, sentence, remedy)


def canary(found: Deployment) -> Iterator[Finding]:
    """Look how far the last canary came."""
    config, flown = found.config, found.store.get("canary/current")
    if not config or not config.canary:
        remedy = "put a `canary` into the configuration: it proves every few minutes that a page gets through"
        yield Finding("canary", State.DOUBTFUL, "no canary is sent", remedy)
        return
    flight = from_document(Flight, flown) if flown else None
    if not flight:
        yield Finding("canary", State.DOUBTFUL, "none was sent yet", "wait for the next sweep")
        return
    way = "is back" if is_back(flight, config.canary) else f"was {how_far(flight)}"
    sentence = f"the canary of {flight.sent_at:%H:%M} UTC {way}"
    remedy = "see OPERATIONS.md, A test page did not get through"
    yield judged("canary", sentence, remedy, well=not is_blocked(flight, config.canary, found.now))
