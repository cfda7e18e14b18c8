"""A month's money runs out: what can wait is bundled more and more, and what is new and urgent never waits for it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from infra.local.phones.faults import Kind
from tests.stories.night import Night
from tocsin import spending
from tocsin.domain import thrift
from tocsin.domain.calendar import Hours
from tocsin.domain.config import Budget, Config
from tocsin.domain.thrift import Spending, Thrift

if TYPE_CHECKING:
    from tocsin.clients.store import Data

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TEN = Budget(month=10.0, text=1.0, call=2.0)


@pytest.fixture
def night(team: Config) -> Night:
    """A day whose month has money for ten texts."""
    return Night(replace(team, budget=TEN), NOON)


def spends(night: Night, texts: int) -> None:
    """Let so much have been spent this month before."""
    document = {
        "through": night.world.now - timedelta(minutes=1),
        "texts": texts,
        "calls": 0,
        "nearly_at": None,
        "all_at": None,
    }
    night.world.store.spoils(thrift.path(night.world.now), **document)


def counted(night: Night, at: str = "spending/2026-11") -> "Data":
    return night.world.store.get(at) or {}


def low(night: Night, name: str) -> None:
    night.alert(f"{name} is late", service="reports")


def quiet(night: Night) -> None:
    """Read everything: what the budget itself says is looked at elsewhere."""
    for phone in night.phones.values():
        phone.has_had_enough()


def test_pages_are_counted_once_by_the_sweep_with_texts_and_calls_apart(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=8)
    assert (counted(night)["texts"], counted(night)["calls"]) == (2, 1)
    night.passes(minutes=10)
    sent = [one for _, one in night.world.store.query("notifications", ("state", "==", "sent")) if not one["carrier"]]
    old = [one for one in sent if one["claimed_at"] < night.world.now - spending.SETTLED]
    assert counted(night)["texts"] + counted(night)["calls"] == len(old)
    quiet(night)


def test_a_quiet_month_writes_nothing_and_without_a_budget_nothing_is_asked(night: Night) -> None:
    night.passes(minutes=5)
    assert counted(night) == {}
    night.world.config = replace(night.world.config, budget=None)
    night.alert("checkout is down")
    night.passes(minutes=5)
    assert counted(night) == {}
    quiet(night)


def test_what_the_provider_refused_costs_nothing(night: Night) -> None:
    night.phone("primary").meets(Kind.REFUSED, times=1, code=21211)
    night.alert("checkout is down")
    night.phone("primary").rings().picks_up().presses("4")
    night.passes(minutes=5)
    assert (counted(night)["texts"], counted(night)["calls"]) == (0, 1)


def test_a_page_under_way_is_not_counted_before_it_is_known_what_became_of_it(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(seconds=60)
    assert counted(night) == {}
    night.passes(minutes=2)
    assert counted(night)["texts"] == 1
    quiet(night)


def test_two_sweeps_at_once_count_a_page_once_and_say_so_once(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    night.world.sweeps = False
    spends(night, 7)
    night.alert("checkout is down")
    night.passes(minutes=3)
    night.world.store.meanwhile["notifications"] = lambda: spending.count(night.world.store, night.world.moment())
    spending.count(night.world.store, night.world.moment())
    assert (counted(night)["texts"], counted(night)["calls"]) == (8, 0)
    assert capsys.readouterr().out.count("the budget of") == 1
    quiet(night)


def test_from_four_fifths_on_what_can_wait_is_told_once_in_a_quarter_of_an_hour(night: Night) -> None:
    night.world.config = replace(night.world.config, budget=replace(TEN, month=100.0))
    spends(night, 82)
    low(night, "stock")
    night.phone("primary").receives("stock is late").answers("ack").receives("Acknowledged")
    low(night, "sales")
    night.passes(minutes=4)
    low(night, "mail")
    night.passes(minutes=10)
    night.phone("primary").stays_silent()
    assert night.told("held", "the month's budget runs out")
    night.passes(minutes=2)
    night.phone("primary").receives("2 incidents", "sales is late", "mail is late")
    quiet(night)


def test_when_all_is_used_it_is_told_once_an_hour(night: Night) -> None:
    spends(night, 10)
    low(night, "stock")
    night.phone("primary").receives("stock is late").answers("ack").receives("Acknowledged")
    for name in ("sales", "mail", "tax"):
        low(night, name)
    night.passes(minutes=57)
    night.phone("primary").stays_silent()
    night.passes(minutes=4)
    night.phone("primary").receives("3 incidents", "sales is late", "mail is late", "tax is late")
    quiet(night)


def test_what_is_new_and_urgent_goes_out_at_once_however_much_is_used(night: Night) -> None:
    spends(night, 1000)
    for number in range(3):
        night.alert(f"shop {number} is down")
        night.phone("primary").receives(f"shop {number} is down").answers("ack {code}").receives("Acknowledged")
        night.passes(minutes=5)
    quiet(night)


def test_each_level_of_what_is_urgent_is_paged_and_called_in_time(night: Night) -> None:
    spends(night, 1000)
    night.alert("checkout is down")
    night.phone("primary").receives("down")
    night.passes(minutes=2)
    night.phone("primary").rings()
    night.passes(minutes=3, seconds=5)
    night.phone("secondary").receives("down")
    night.passes(minutes=2)
    night.phone("secondary").rings().picks_up().presses("4")
    quiet(night)


def test_what_is_urgent_takes_with_it_what_waits(night: Night) -> None:
    spends(night, 1000)
    low(night, "stock")
    night.phone("primary").receives("stock is late").answers("ack").receives("Acknowledged")
    low(night, "sales")
    night.passes(minutes=3)
    night.alert("checkout is down")
    night.phone("primary").receives("2 incidents", "checkout is down", "sales is late")
    night.phone("primary").answers("ack {code}").receives("cknowledged")
    quiet(night)


def test_repeats_of_what_is_urgent_wait_as_well(night: Night) -> None:
    spends(night, 1000)
    night.alert("checkout is down")
    night.passes(minutes=25)
    assert sum("checkout is down" in one.body for one in night.phone("primary").received()) == 1
    assert night.told("held", "the month's budget runs out")
    night.passes(minutes=60)
    assert sum("checkout is down" in one.body for one in night.phone("primary").received()) >= 2
    quiet(night)


def test_a_raised_budget_and_a_new_month_count_at_once(night: Night) -> None:
    spends(night, 10)
    moment = night.world.moment()
    assert spending.saving(night.world.store, moment) is Thrift.STRICT
    raised = replace(moment, config=replace(moment.config, budget=replace(TEN, month=1000.0)))
    assert spending.saving(night.world.store, raised) is Thrift.NONE
    december = replace(moment, now=datetime(2026, 12, 1, 0, 0, tzinfo=UTC))
    assert spending.saving(night.world.store, december) is Thrift.NONE


def test_those_of_the_catch_all_are_told_once_at_either_mark(night: Night) -> None:
    spends(night, 7)
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(minutes=10)
    night.phone("manager").receives("2026-11 is used to 80 %", "less often", "what is new and urgent at once")
    spends_more = {**counted(night), "texts": 9}
    night.world.store.spoils(thrift.path(night.world.now), **spends_more)
    night.alert("the shop is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(minutes=30)
    night.phone("manager").receives("2026-11 is used to 100 %", "once an hour").stays_silent()


def test_nobody_is_woken_by_money(night: Night) -> None:
    config = night.world.config
    manager = replace(config.users["manager"], quiet_hours=Hours(tuple(range(7)), time(0), time(13)))
    night.world.config = replace(config, users={**config.users, "manager": manager})
    spends(night, 9)
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(minutes=30)
    night.phone("manager").stays_silent()
    night.passes(minutes=40)
    night.phone("manager").receives("100 %").stays_silent()


def test_the_mark_is_logged_once(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    spends(night, 7)
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(minutes=10)
    assert capsys.readouterr().out.count("the budget of 2026-11 is used to 80 %") == 1
    quiet(night)


def test_half_a_budget_saves_nothing() -> None:
    spent = [Spending(NOON, texts=texts, calls=calls) for texts, calls in ((5, 1), (6, 1), (7, 0), (8, 0), (0, 5))]
    assert [one.percent(TEN) for one in spent] == [70, 80, 70, 80, 100]
    assert [thrift.thrift(one, TEN) for one in spent] == [0, 1, 0, 1, 2]
