"""Counts all that an act of a night uses, at a story's clients: documents, requests, events, tasks, texts, calls.

`PYTHONPATH=.:functions python -m tests.cli.spent` writes what is counted, and the page of costs that is made of it.
"""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from infra.cli.configfile import load
from infra.cli.cost.operations import FILE, Used
from infra.cli.cost.page import added_table, idle_table
from infra.local.phones.webhooks import Webhook
from tests.bench.operations.counted import Bill, Operations
from tests.gcp.written import GCP
from tests.stories.cloud import Job
from tests.stories.night import Night
from tests.stories.world import UTC_NIGHT
from tocsin import door
from tocsin.ingest import Answer

TEAM = Path(__file__).parents[1] / "stories" / "team.yaml"
Step = Callable[[Night], object]


class Meter(Bill):
    """The world of a story that counts requests to functions as well."""

    requests = events = 0

    def post_raw(self, path: str, raw: bytes, headers: dict[str, str] | None = None, method: str = "POST") -> Answer:
        self.requests += 1
        self.events += 1
        return super().post_raw(path, raw, headers, method)

    def _run(self, job: Job) -> door.Plain:
        self.requests += 1
        return super()._run(job)

    def _call_back(self, webhook: Webhook) -> None:
        self.requests += 1
        super()._call_back(webhook)

    def used(self) -> Used:
        asked = sum(self.store.counts.values(), Operations())
        texts = [one for user in self.config.users.values() for one in self.network.messages(user.phone)]
        return Used(
            reads=asked.reads,
            writes=asked.writes,
            deletes=asked.deletes,
            requests=self.requests,
            events=self.events,
            tasks=sum(self.queue.taken.values()),
            texts=sum(one.direction != "inbound" for one in texts),
            calls=self.wire.made["Calls"],
            heard=sum(one.direction == "inbound" for one in texts),
        )


def used(before: Step, happens: Step) -> Used:
    """Give what an act uses in a night of its own, that nobody else sweeps."""
    night = Night(load(TEAM))
    night.world = meter = Meter(night.world.config, UTC_NIGHT)
    meter.sweeps = False
    with contextlib.redirect_stdout(io.StringIO()):
        before(night)
        known = meter.used()
        happens(night)
    return meter.used() - known


def nothing(_: Night) -> None: ...


def alerts(night: Night) -> None:
    night.alert("checkout is down")


def answered(night: Night) -> None:
    """Somebody answers the text with one, and is told so; the call that was to follow is not needed any more."""
    night.alert("checkout is down")
    night.phone("primary").receives().answers("ack")
    night.passes(minutes=6)


def rung(night: Night) -> None:
    """Nobody looks at the text: two minutes later the call is made and answered with a key."""
    night.alert("checkout is down")
    night.passes(minutes=2)
    night.phone("primary").rings().picks_up().presses("4")
    night.passes(minutes=4)


def escalated(night: Night) -> None:
    """Nobody answers text or call: the second one is texted, and answers."""
    night.alert("checkout is down")
    night.passes(minutes=5, seconds=2)
    night.phone("secondary").receives().answers("ack")
    night.passes(minutes=11)


def resolved(night: Night) -> None:
    night.resolves("checkout is down")


def swept(night: Night) -> None:
    night.world.sweep()
    night.world.requests += 1  # type: ignore[attr-defined]


ACTS: dict[str, tuple[Step, Step]] = {
    "an alert that is answered by text": (nothing, answered),
    "an alert that is answered in a call": (nothing, rung),
    "an alert that the second one answers": (nothing, escalated),
    "a duplicate": (alerts, alerts),
    "a resolve": (answered, resolved),
    "an idle minute": (swept, swept),
}


def main() -> None:
    counted = {name: vars(used(*steps)) for name, steps in ACTS.items()}
    FILE.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
    page = subprocess.run(
        [sys.executable, "-P", "-m", "infra.cli", "cost", "--markdown"], capture_output=True, text=True, check=True
    ).stdout
    (GCP / "COSTS.md").write_text(page, encoding="utf-8")
    readme = (GCP / "README.md").read_text(encoding="utf-8")
    for table in (idle_table(), added_table()):
        before, head, after = readme.partition(table[0])
        readme = before + "\n".join(table) + after[after.index("\n\n") :] if head else readme
    (GCP / "README.md").write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    main()
