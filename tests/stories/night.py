"""The words of a story: alerts come in, phones receive, people answer, time passes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from infra.local.phones.faults import Fault, Kind, On
from infra.local.phones.messages import Message, segments
from tests.stories.world import UTC_NIGHT, World
from tocsin import desk
from tocsin.domain.config import Level, Policy, Rule, Target, TargetKind
from tocsin.domain.incident import Incident, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.local.phones.calls import Call
    from tocsin.domain.config import Config
    from tocsin.ingest import Answer

TWO_SEGMENTS = 2


class Phone:
    """Somebody's phone, read in order; what a story has not read when it ends is a failure."""

    def __init__(self, night: Night, number: str) -> None:
        self.night = night
        self.number = number
        self.read = 0
        self.heard = 0

    def receives(self, *words: str) -> Self:
        """Expect the next text, holding all the words."""
        texts = self._texts()
        assert len(texts) > self.read, f"{self.number} received nothing more; before: {texts}"
        self.read += 1
        for word in words:
            assert word in self.text, f"{word!r} is not in {self.text!r}"
        return self

    @property
    def text(self) -> str:
        """Give the last text read."""
        return self._texts()[: self.read][-1]

    @property
    def code(self) -> str:
        """Give the reply code of the last page read."""
        pages = [text for text in self._texts()[: self.read] if "Reply ack " in text]
        return pages[-1].split("Reply ack ")[1][:4]

    def answers(self, text: str) -> Self:
        """Send a text; {code} stands for the code of the last page read, {text} for the last text."""
        if "{" in text:
            text = text.format(code=self.code, text=self.text)
        self.night.world.network.text(self.number, text, self.night.world.now)
        self.night.passes(seconds=2)
        return self

    def rings(self) -> Self:
        """Expect the next call; it rings now or has rung."""
        assert len(self.calls()) > self.heard, f"{self.number} did not ring"
        self.heard += 1
        return self

    def picks_up(self) -> Self:
        """Answer the call that rings, and listen for ten seconds."""
        assert self._call().status == "ringing", f"the call is {self._call().status}"
        self.night.world.network.pick_up(self._call().sid, self.night.world.now)
        self.night.passes(seconds=10)
        return self

    def hears(self, *words: str) -> Self:
        """Expect words among those spoken in the last call."""
        spoken = " ".join(part.text for part in self._call().spoken)
        for word in words:
            assert word in spoken, f"{word!r} was not said: {spoken!r}"
        return self

    def presses(self, digit: str) -> Self:
        """Press a key in the call."""
        self.night.world.network.press(self._call().sid, digit, self.night.world.now)
        self.night.passes(seconds=2)
        return self

    def plays(self, digit: str) -> Self:
        """Let the greeting of what Twilio takes for an answering machine hold the tone of a key."""
        self.night.world.machine_presses(self._call().sid, digit)
        self.night.passes(seconds=2)
        return self

    def meets(self, kind: Kind, on: On | None = None, times: int | None = 1, **more: float) -> Self:
        """Order trouble from the telephone network for this phone; with `times` of None until the story ends."""
        self.night.world.network.order(Fault(kind, self.number, on, times, **more))  # type: ignore[arg-type]
        return self

    def has_had_enough(self) -> Self:
        """Expect nothing of what it has received up to now."""
        self.read, self.heard = len(self.received()), len(self.calls())
        return self

    def stays_silent(self) -> Self:
        """Expect nothing that has not been read."""
        assert self._texts()[self.read :] == [], f"{self.number} received {self._texts()[self.read :]}"
        assert len(self.calls()) == self.heard, f"{self.number} rang"
        return self

    def calls(self) -> list[Call]:
        """Give every call to this phone."""
        return self.night.world.network.calls(self.number)

    def received(self) -> list[Message]:
        """Give every text of ours that arrived; what the carrier says about STOP and START is none."""
        texts = self.night.world.network.messages(self.number)
        return [one for one in texts if one.direction != "inbound" and "from this number" not in one.body]

    def _call(self) -> Call:
        return self.calls()[self.heard - 1]

    def _texts(self) -> list[str]:
        return [one.body for one in self.received()]


class Night:
    """One night on call."""

    def __init__(self, config: Config, start: datetime = UTC_NIGHT) -> None:
        self.world = World(config, start)
        self.phones = {user.id: Phone(self, user.phone) for user in config.users.values()}
        self.phones["stranger"] = Phone(self, "+15550100199")

    # What happens

    def alert(
        self,
        title: str,
        *,
        service: str = "checkout",
        source: str = "alertmanager",
        severity: str = "critical",
        state: str = "firing",
        name: str = "",
        **more: str,
    ) -> Answer:
        """Let a monitoring tool say that something fires or is resolved; `name` tells two troubles apart.

        Whatever else is given are labels.
        """
        if source == "generic":
            body: dict[str, Any] = {"title": title, "severity": severity, "state": state}
            answer = self.world.post(f"generic/key-of-{service}-generic", body)
        else:
            labels = {"alertname": name or title, "severity": severity, **more}
            one = {"status": state, "labels": labels, "annotations": {"summary": title}, "fingerprint": name or title}
            group = {"version": "4", "status": state, "alerts": [one]}
            answer = self.world.post(f"alertmanager/key-of-{service}-alertmanager", group)
        self.passes(seconds=3)
        return answer

    def resolves(self, title: str, **more: str) -> Answer:
        """Let the monitoring tool say that it is over."""
        return self.alert(title, state="resolved", **more)

    def event(self, action: str, title: str, severity: str = "critical", dedup_key: str = "") -> Answer:
        """Send a PagerDuty event."""
        event = {
            "routing_key": "keyofcheckoutpagerduty0000000032",
            "event_action": action,
            "dedup_key": dedup_key or title,
            "payload": {"summary": title, "source": "web-1", "severity": severity},
        }
        answer = self.world.post("v2/enqueue", event)
        self.passes(seconds=3)
        return answer

    def change(self, summary: str) -> Answer:
        """Send a PagerDuty change event."""
        event = {"routing_key": "keyofcheckoutpagerduty0000000032", "payload": {"summary": summary}}
        answer = self.world.post("v2/change/enqueue", event)
        self.passes(seconds=3)
        return answer

    def beats(self, monitor: str = "the-nightly-backup", body: bytes = b"") -> Answer:
        """Let something that is watched say that it lives."""
        answer = self.world.post_raw(f"heartbeat/key-of-{monitor}", body, {"content-type": ""})
        self.passes(seconds=3)
        return answer

    def beats_for(self, minutes: int) -> None:
        """Let it say so every minute."""
        for _ in range(minutes):
            self.beats()
            self.passes(seconds=57)

    def changes_integration(self, name: str, **changes: Any) -> None:
        """Change an integration in the configuration; without changes it goes."""
        config = self.world.config
        changed = {name: replace(config.integrations[name], **changes)} if changes else {}
        kept = {id_: one for id_, one in config.integrations.items() if id_ != name}
        self.world.config = replace(config, integrations=kept | changed)

    def changes(self, part: str, name: str, **changes: Any) -> None:
        """Change one user, schedule or policy in the configuration."""
        named = getattr(self.world.config, part)
        changed: dict[str, Any] = {part: {**named, name: replace(named[name], **changes)}}
        self.world.config = replace(self.world.config, **changed)

    def rules(self, *rules: Rule) -> None:
        """Let these be the rules from now on."""
        self.world.config = replace(self.world.config, rules=rules)

    def outcomes(self) -> list[str]:
        """Give what became of each event, in the order in which they were accepted."""
        return [data["outcome"] for _, data in self.world.store.query("events", order_by="accepted_at")]

    def begins(self, start: datetime) -> None:
        """Start the night at another time, before anything has happened."""
        self.world.now = self.world.swept_at = start

    def passes(self, **length: float) -> None:
        """Let time pass."""
        self.world.settle()
        self.world.passes(timedelta(**length))

    @contextmanager
    def delayed(self, **length: float) -> Iterator[None]:
        """Let what monitoring tools say inside arrive this much later than it was accepted."""
        self.world.queue.delay = timedelta(**length)
        yield
        self.world.queue.delay = timedelta(0)

    def joins(self, number: int) -> tuple[Target, ...]:
        """Let so many people join, and give them as the targets of a level."""
        like = next(iter(self.world.config.users.values()))
        new = {f"guest-{n}": replace(like, id=f"guest-{n}", phone=f"+1555010{300 + n:04d}") for n in range(number)}
        self.world.config = replace(self.world.config, users={**self.world.config.users, **new})
        self.phones |= {id_: Phone(self, user.phone) for id_, user in new.items()}
        return tuple(Target(TargetKind.USER, id_) for id_ in new)

    def pages(self, service: str, *targets: Target, every: timedelta = timedelta(minutes=5), times: int = 1) -> None:
        """Let a service page these, and again `every` so often, `times` times in all."""
        policy = Policy(f"{service}-only", (Level(targets, every),), times - 1)
        self.world.config = replace(self.world.config, policies={**self.world.config.policies, policy.id: policy})
        self.changes("services", service, policy=policy.id)

    def leaves(self, user: str) -> None:
        """Take somebody out of the configuration."""
        config = self.world.config
        self.world.config = replace(config, users={id_: one for id_, one in config.users.items() if id_ != user})

    def loses_service(self, service: str) -> None:
        """Take a service out of the configuration."""
        config = self.world.config
        kept = {id_: one for id_, one in config.services.items() if id_ != service}
        self.world.config = replace(config, services=kept)

    def claimed_after(self, happens: Callable[[], object]) -> None:
        """Let something happen when the next page is claimed: what it reads for that is a rule of its own."""
        store = self.world.store

        def gathered() -> None:
            store.rival = happens

        store.rival = gathered

    def operator_acknowledges(self) -> None:
        """Acknowledge the newest incident on the command line."""
        desk.acknowledged(self.world.store, self.incident.id, "Olga Operator", self.world.now)

    # What can be seen

    def phone(self, user: str) -> Phone:
        """Give somebody's phone."""
        return self.phones[user]

    def incidents(self) -> list[Incident]:
        """Give every incident, the newest first."""
        return desk.incidents(self.world.store, open_only=False)

    @property
    def incident(self) -> Incident:
        """Give the only incident, or the newest one."""
        return self.incidents()[0]

    def is_open(self) -> bool:
        """Say whether the newest incident still waits for an answer."""
        return self.incident.status is Status.TRIGGERED

    def is_acknowledged(self, by: str = "") -> bool:
        """Say whether the newest incident is acknowledged, by whom if asked."""
        return self.incident.status is Status.ACKNOWLEDGED and by in self.incident.answered_by

    def is_resolved(self, by: str = "") -> bool:
        """Say whether the newest incident is resolved, by whom if asked."""
        return self.incident.status is Status.RESOLVED and by in self.incident.answered_by

    def alerts(self) -> int:
        """Count the alerts of the newest incident."""
        count: int = desk.show(self.world.store, self.incident)["alerts"]
        return count

    def told(self, *words: str) -> int:
        """Count the lines of the newest incident's timeline that hold all the words."""
        return self.told_of(self.incident, *words)

    def told_of(self, incident: Incident, *words: str) -> int:
        """Count the lines of an incident's timeline that hold all the words."""
        return sum(all(word in line for word in words) for line in self.story(incident))

    def story(self, incident: Incident) -> list[str]:
        """Give the lines of an incident's timeline."""
        lines = desk.show(self.world.store, incident)["timeline"]
        return [f"{line['what']}: {line['why']}" for line in lines]

    def deliveries(self) -> list[str]:
        """Give what Twilio says became of each notification of the newest incident, in the order they were due."""
        return [one["delivery"] for one in desk.show(self.world.store, self.incident)["notifications"]]

    def ends(self) -> None:
        """Fail on what no line of the story expected, on a text too long, and on what Twilio's debugger would show."""
        for phone in self.phones.values():
            phone.stays_silent()
            assert all(segments(one.body) <= TWO_SEGMENTS for one in phone.received())
        assert self.world.store.was_away or self.world.network.notices() == []
