"""How a month's money is used up: what can wait is bundled more and more, what cannot never waits for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from tocsin.domain.config import Budget, Config
from tocsin.domain.gsm import fitted
from tocsin.domain.quiet import ends
from tocsin.domain.values import dataclass, replace

NEARLY, ALL = 80, 100
"""Percent of the budget from which on what can wait is told less often, and still less often."""


TOLD_FOR = timedelta(days=1)
"""Whoever could not be told of it in a day has other worries."""


class Thrift(IntEnum):
    """How much has to be saved."""

    NONE = 0
    SPARING = 1
    STRICT = 2


@dataclass(frozen=True)
class Spending:
    """What went out in a month of UTC: texts and calls counted `through` an instant.

    `nearly_at` is when so much of the budget was used that it must be saved, `all_at` when all of it was.
    """

    through: datetime
    texts: int = 0
    calls: int = 0
    nearly_at: datetime | None = None
    all_at: datetime | None = None

    def spent(self, budget: Budget) -> float:
        """Give what that cost, about: each text and each minute of a call at the price that was said."""
        return self.texts * budget.text + self.calls * budget.call

    def percent(self, budget: Budget) -> int:
        """Give how much of the budget is used."""
        return int(100 * self.spent(budget) / budget.month)

    def counting(self, texts: int, calls: int, through: datetime, budget: Budget, now: datetime) -> "Spending":
        """Count what went out since; an instant that was noted stays, whatever the budget is raised to."""
        counted = replace(self, texts=self.texts + texts, calls=self.calls + calls, through=through)
        percent = counted.percent(budget)
        nearly_at = counted.nearly_at or (now if percent >= NEARLY else None)
        return replace(counted, nearly_at=nearly_at, all_at=counted.all_at or (now if percent >= ALL else None))


def path(now: datetime) -> str:
    """Give the one document of a month: only the sweep writes it, and only when something went out."""
    return f"spending/{now:%Y-%m}"


def begins(now: datetime) -> datetime:
    """Give when the month of an instant began."""
    return datetime(now.year, now.month, 1, tzinfo=UTC)


def thrift(spending: Spending, budget: Budget) -> Thrift:
    """Say how much has to be saved; a budget that was raised meanwhile counts at once."""
    percent = spending.percent(budget)
    return Thrift.STRICT if percent >= ALL else Thrift.SPARING if percent >= NEARLY else Thrift.NONE


@dataclass(frozen=True)
class Notice:
    """Tells a user once that a month's budget is used to so many percent."""

    month: str
    percent: int
    user: str

    @property
    def id(self) -> str:
        """Name it, the same in every sweep."""
        return f"budget-{self.month}-{self.percent}-{self.user}"

    @property
    def words(self) -> str:
        """Give the text; it fits two segments."""
        how = "less often" if self.percent < ALL else "once an hour"
        text = f"The budget for texts and calls of {self.month} is used to {self.percent} %. "
        return fitted(f"{text}Repeats and low urgency are told {how}, in digests; what is new and urgent at once", ".")


def due(spending: Spending, config: Config, now: datetime) -> Iterator[Notice]:
    """Give whom to tell now: those of the catch-all, outside of their quiet hours."""
    reached = ((NEARLY, spending.nearly_at), (ALL, spending.all_at))
    for percent, at in reached:
        if not at or now >= at + TOLD_FOR or (percent == NEARLY and spending.all_at):
            continue
        for name in config.catch_all.users:
            user = config.users.get(name)
            if user and ends(user, now) == now:
                yield Notice(f"{now:%Y-%m}", percent, user.id)
