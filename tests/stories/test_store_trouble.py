"""The store is away for a while, or commits and loses its answer: the night goes on as if nothing had happened."""

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tocsin.domain.notification import LEASE, State
from tocsin.errors import Uncertain


def test_an_alert_that_comes_while_the_store_is_away_pages_when_it_is_back(night: Night) -> None:
    night.alert("search is slow", service="search")
    night.phone("secondary").receives("search is slow").answers("ack").receives("Acknowledged")
    night.world.store.away = True
    assert night.alert("checkout is down").status == 202
    night.passes(minutes=3)
    night.phone("primary").stays_silent()
    night.world.store.away = False
    night.passes(seconds=31)
    night.phone("primary").receives("checkout is down")


def test_an_ack_that_comes_while_the_store_is_away_counts_and_is_answered_when_it_is_back(night: Night) -> None:
    night.alert("checkout is down")
    night.world.store.away = True
    night.phone("primary").receives("checkout is down").answers("ack").stays_silent()
    night.passes(seconds=40)
    night.world.store.away = False
    night.passes(minutes=1)
    night.phone("primary").receives("Acknowledged")
    night.passes(hours=1)


def test_a_timer_that_fires_while_the_store_is_away_escalates_when_it_is_back(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=3)
    night.phone("primary").receives("checkout is down").rings()
    night.world.store.away = True
    night.passes(minutes=4)
    night.phone("secondary").stays_silent()
    night.world.store.away = False
    night.passes(minutes=1)
    night.phone("secondary").receives("checkout is down")


@pytest.mark.parametrize("which", range(1, 12))
def test_a_commit_whose_answer_was_lost_changes_nothing_for_anybody(night: Night, which: int) -> None:
    night.world.store.loses = which
    night.alert("checkout is down")
    assert night.phone("primary").receives().text.startswith("checkout is down")
    night.passes(minutes=6)
    night.phone("primary").rings()
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    assert (len(night.incidents()), night.alerts()) == (1, 1)


@pytest.mark.parametrize("which", [1, 2, 3])
def test_an_ack_whose_commit_lost_its_answer_is_answered_once(night: Night, which: int) -> None:
    night.alert("checkout is down")
    night.world.store.loses = which
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    assert night.told("acknowledged: Primary Person acknowledged by text") == 1


def test_a_claim_in_doubt_that_somebody_else_has_made_sends_nothing(night: Night) -> None:
    store = night.world.store

    def claimed() -> None:
        [(identity, _)] = store.query("notifications", ("channel", "==", "sms"))
        lease = night.world.now + LEASE
        store.spoils(f"notifications/{identity}", state=State.SENDING, owner="somebody else", tries=1, next_at=lease)
        raise Uncertain("the answer to the commit was lost")

    night.phone("primary").meets(Kind.THROTTLED, On.TEXT, times=2)
    night.alert("checkout is down")
    night.claimed_after(claimed)
    night.passes(seconds=LEASE.total_seconds() - 1)
    night.phone("primary").stays_silent()
    night.passes(minutes=1)
    night.phone("primary").receives("Again: checkout is down").answers("ack").receives("Acknowledged")
