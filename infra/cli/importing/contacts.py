"""How a user is reached: the steps of the product that lead to a phone become rules, the others are named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from infra.cli.importing.report import Report
from infra.cli.importing.times import span

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
NOW = timedelta(0)


@dataclass(frozen=True)
class Step:
    """One attempt to reach somebody: `channel` is ours, or empty where we have none; `phone` is whom it calls."""

    channel: str
    said: str
    after: timedelta
    phone: str = ""

    def __str__(self) -> str:
        """Give the step as it is told."""
        return f"{self.said} {when(self.after)}"


def when(after: timedelta) -> str:
    """Say how long after the page."""
    return f"after {span(after)}" if after else "at once"


def e164(country: str, number: str) -> str:
    """Put a phone number together, empty if the result is none."""
    joined = "+" + "".join(re.findall("[0-9]", f"{country}{number}"))
    return joined if E164.fullmatch(joined) else ""


def phone(report: Report, user: str, found: Sequence[str], steps: Sequence[Step]) -> str:
    """Choose the one phone: the first that a step uses, else the first there is; the others are named."""
    numbers = list(dict.fromkeys([step.phone for step in steps if step.phone] + [each for each in found if each]))
    for other in numbers[1:]:
        report.left_out("user", user, f"the phone {other}: a user has one, and it is {numbers[0]}")
    return numbers[0] if numbers else ""


def rules(report: Report, user: str, urgency: str, steps: Sequence[Step]) -> tuple[str, ...]:
    """Give the rules for one urgency; never none, for a page of either kind must find a way."""
    ours = sorted((step for step in steps if step.channel), key=lambda step: step.after)
    others = [step for step in steps if not step.channel]
    if others:
        report.left_out("user", user, f"{urgency} urgency: {', '.join(map(str, others))}: it leads to no phone")
    if not ours:
        how = ", ".join(map(str, others)) or "nothing"
        report.decide("user", user, f"{urgency} urgency reaches this user by {how}: written as a text at once")
        return ("sms",)
    if ours[0].after > min(step.after for step in steps):
        first = min(others, key=lambda step: step.after)
        report.decide(
            "user", user, f"{urgency} urgency begins with {first}; the first of these is {ours[0]}: too late?"
        )
    texts = (f"{step.channel} after {span(step.after)}" if step.after else step.channel for step in ours)
    return tuple(dict.fromkeys(texts))
