"""The people who are paged: each has made up his mind beforehand what he does about his first page, his second ..."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.faults import Fault
    from tests.simulation.telephones import Sent
    from tests.simulation.world import World

CODE = re.compile(r"Reply ack (\d{4})")
TEXTS = {
    "ack": "ack {code}",
    "code": "{code}",
    "styled": "Ack #{code}.",
    "bare": "ok",
    "resolve": "resolve {code}",
    "escalate": "{code}e",
    "wrong": "ack {nobodys}",
    "mumble": "I think {code} is fine, will ack later",
    "stop": "STOP",
    "snooze": "snooze {code} 2m",
    "pass": "pass {code} secondary",
    "add": "add {code} manager",
    "note": "note {code} it is the switch again",
    "status": "status",
    "merge": "merge {code} {other}",
}
WISHES = {"code": "ack", "styled": "ack"} | {
    one: one for one in ("ack", "resolve", "escalate", "bare", "snooze", "pass", "add", "note", "merge")
}
KEYS = {"key 4": ("4", "ack"), "key 6": ("6", "resolve"), "key 5": ("5", "escalate"), "key 9": ("9", "")}
UNREACHED = {"no answer": "no-answer", "busy": "busy", "machine": "completed"}


@dataclass(frozen=True)
class Reaction:
    """What somebody does about a page, and how many seconds after it reached him."""

    kind: str
    after: float


class People:
    """Everybody who has a phone; `plans` holds each number's reactions to texts and to calls, in order."""

    def __init__(self, world: World, texts: dict[str, list[Reaction]], calls: dict[str, list[Reaction]]) -> None:
        self.world = world
        self.texts = {number: list(reversed(plan)) for number, plan in texts.items()}
        self.calls = {number: list(reversed(plan)) for number, plan in calls.items()}
        self.pages: list[tuple[str, str, str]] = []

    def received(self, one: Sent) -> None:
        """A text of ours arrives on a phone."""
        match = CODE.search(one.body)
        if not one.notification or not match:
            return
        self.world.tell(one.to, f"receives: {one.body}")
        self.pages.append((one.to, match[1], one.notification))
        plan = self.texts.get(one.to)
        if plan and (reaction := plan.pop()).kind in TEXTS:
            page = self.pages[-1]
            self.world.at(self.world.time + reaction.after, lambda: self.text(page, reaction.kind))

    def text(self, page: tuple[str, str, str], kind: str) -> None:
        """Write back; who has no second page to merge the first with acknowledges it."""
        number, code, notification = page
        other = next((known for to, known, _ in reversed(self.pages) if to == number and known != code), "")
        if kind == "merge" and not other:
            kind = "ack"
        taken = {one["code"] for one in self.world.store.all("codes").values()}
        nobodys = next(one for one in map("{:04}".format, range(10_000)) if one not in taken)
        body = TEXTS[kind].format(code=code, other=other, nobodys=nobodys)
        self.world.tell(number, f"texts: {body}")
        if kind in {"wrong", "mumble"}:
            self.world.trouble.counts["F-55"] += 1
        elif all(map(self.world.observed.is_resolved, self.world.observed.about(notification))):
            self.world.trouble.counts["F-54"] += 1
        sid = self.world.telephones.texted(number, body)
        about = self.world.observed.about(notification)
        self.world.observed.meant(sid, WISHES.get(kind, ""), about, self.world.time)

    def rung(self, one: Sent, fate: Fault | None) -> None:
        """A call of ours is on its way to a phone."""
        telephones, plan = self.world.telephones, self.calls.get(one.to)
        if fate and fate.kind == "never arrives":
            telephones.receipt(one, 1.0, "failed", "31005")
            return
        telephones.receipt(one, 1.0, "ringing")
        reaction = plan.pop() if plan else Reaction("no answer", 28.0)
        if reaction.kind in UNREACHED:
            telephones.receipt(one, 28.0, UNREACHED[reaction.kind])
            return
        telephones.receipt(one, 4.0, "in-progress")
        self.world.at(self.world.time + 4.0 + reaction.after, lambda: self.press(one, reaction.kind))
        telephones.receipt(one, 10.0 + reaction.after, "completed")

    def press(self, one: Sent, kind: str) -> None:
        """Press a key in a call."""
        digit, wish = KEYS[kind]
        self.world.tell(one.to, f"presses {digit}")
        form = {"CallSid": one.sid, "Digits": digit, "CallStatus": "in-progress"}
        self.world.telephones.post("voice", form, one.notification, self.world.time + 0.2, one.to)
        key = f"{one.sid}-{digit}"
        about = self.world.observed.about(one.notification)
        self.world.observed.meant(key, wish, about, self.world.time, by_key=True)
