"""The words of a story: alerts come in, phones receive, people answer, time passes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from tests.stories.world import UTC_NIGHT, World
from tocsin import desk
from tocsin.domain.incident import Incident, Status

if TYPE_CHECKING:
    from infra.local.phones.calls import Call
    from infra.local.phones.faults import Fault
    from tocsin.domain.config import Config
    from tocsin.ingest import Answer


class Phone:
    """Somebody's phone, read in order; what a story has not read when it ends is a failure."""

    def __init__(self, night: Night, number: str) -> None:
        self.night = night
        self.number = number
        self.read = 0
        self.calls_seen = 0

    def receives(self, *words: str) -> Self:
        """Expect the next text, holding all the words."""
        texts = self._texts()
        assert len(texts) > self.read, f"{self.number} received nothing more; before: {texts}"
        text = texts[self.read]
        self.read += 1
        for word in words:
            assert word in text, f"{word!r} is not in {text!r}"
        return self

    def answers(self, text: str) -> Self:
        """Send a text; {code} stands for the code of the last page read."""
        self.night.world.network.text(self.number, text.replace("{code}", self.code), self.night.world.now)
        self.night.world.settle()
        self.night.world.passes(timedelta(seconds=2))
        return self

    @property
    def code(self) -> str:
        """Give the reply code of the last page read."""
        pages = [text for text in self._texts()[: self.read] if "Reply ack " in text]
        return pages[-1].split("Reply ack ")[1][:4] if pages else "0000"

    def rings(self) -> Self:
        """Expect the next call; it rings now or has rung."""
        calls = self.calls()
        assert len(calls) > self.calls_seen, f"{self.number} did not ring"
        self.calls_seen += 1
        return self

    def picks_up(self) -> Self:
        """Answer the call that rings."""
        self.night.world.network.pick_up(self._call().sid, self.night.world.now)
        self.night.world.settle()
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
        self.night.world.settle()
        self.night.world.passes(timedelta(seconds=2))
        return self

    def stays_silent(self) -> Self:
        """Expect nothing that has not been read."""
        assert self._texts()[self.read :] == [], f"{self.number} received {self._texts()[self.read :]}"
        assert len(self.calls()) == self.calls_seen, f"{self.number} rang"
        return self

    def calls(self) -> list[Call]:
        """Give every call to this phone."""
        return self.night.world.network.calls(self.number)

    def forgets(self) -> Self:
        """Skip whatever came."""
        self.read, self.calls_seen = len(self._texts()), len(self.calls())
        return self

    def _call(self) -> Call:
        return self.calls()[self.calls_seen - 1]

    def _texts(self) -> list[str]:
        # What the carrier says about STOP and START is no text of ours.
        return [
            one.body
            for one in self.night.world.network.messages(self.number)
            if one.direction != "inbound" and "from this number" not in one.body
        ]


class Night:
    """One night on call."""

    def __init__(self, config: Config, start: datetime = UTC_NIGHT) -> None:
        self.world = World(config, start)
        self.phones: dict[str, Phone] = {
            user.id: Phone(self, user.phone) for user in config.users.values()
        }

    def alert(  # noqa: PLR0913
        self,
        title: str,
        *,
        service: str = "checkout",
        source: str = "alertmanager",
        severity: str = "critical",
        state: str = "firing",
        name: str | None = None,
    ) -> Answer:
        """Let a monitoring tool say that something fires or is resolved; `name` tells two troubles apart."""
        answer = self._post(title, service, source, severity, state, name)
        self.passes(seconds=3)
        return answer

    def _post(  # noqa: PLR0913, PLR0917
        self, title: str, service: str, source: str, severity: str, state: str, name: str | None
    ) -> Answer:
        if source == "pagerduty":
            return self.event("trigger" if state == "firing" else "resolve", title, severity, name or title)
        if source == "generic":
            body: dict[str, Any] = {"title": title, "severity": severity, "state": state}
            return self.world.post(f"generic/key-of-{service}-generic", body)
        labels = {"alertname": name or title, "severity": severity}
        one = {"status": state, "labels": labels, "annotations": {"summary": title}, "fingerprint": f"fp-{name or title}"}
        return self.world.post(f"alertmanager/key-of-{service}-alertmanager", {"version": "4", "status": state, "alerts": [one]})

    def event(self, action: str, title: str, severity: str = "critical", dedup_key: str = "") -> Answer:
        """Send a PagerDuty event."""
        event = {
            "routing_key": "keyofcheckoutpagerduty0000000032",
            "event_action": action,
            "dedup_key": dedup_key or title,
            "payload": {"summary": title, "source": "web-1", "severity": severity},
        }
        return self.world.post("v2/enqueue", event)

    def resolves(self, title: str, **more: str) -> Answer:
        """Let the monitoring tool say that it is over."""
        return self.alert(title, state="resolved", **more)

    def phone(self, user: str) -> Phone:
        """Give somebody's phone."""
        return self.phones[user]

    def passes(self, **length: float) -> None:
        """Let time pass."""
        self.world.passes(timedelta(**length))

    def breaks(self, fault: Fault) -> None:
        """Order trouble from the telephone network."""
        self.world.network.order(fault)

    def incidents(self) -> list[Incident]:
        """Give every incident, the newest first."""
        return desk.incidents(self.world.store, open_only=False)

    @property
    def incident(self) -> Incident:
        """Give the only incident, or the newest one."""
        return self.incidents()[0]

    @property
    def shown(self) -> dict[str, Any]:
        """Give everything about the newest incident, as the operator sees it."""
        return desk.show(self.world.store, self.incident)

    def timeline(self) -> str:
        """Give the newest incident's timeline as text."""
        return "\n".join(f"{line['what']}: {line['why']}" for line in self.shown["timeline"])

    def is_acknowledged(self, by: str = "") -> bool:
        """Say whether the newest incident is acknowledged, by whom if asked."""
        return self.incident.status is Status.ACKNOWLEDGED and by in self.incident.answered_by

    def ends(self) -> None:
        """Fail on whatever a phone received and no line of the story expected."""
        for phone in self.phones.values():
            phone.stays_silent()
