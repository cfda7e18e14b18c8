"""New troubles share a message and a commit: each ends as if it had come alone."""

from datetime import timedelta

from tests.stories.night import Night
from tests.stories.test_joining import TROUBLES, commits, repeats
from tests.stories.test_neighbours import arrives, outcomes
from tests.stories.test_round_robin import turns
from tocsin import route
from tocsin.domain.config import Rule, Threshold
from tocsin.domain.incident import Status

__all__ = ("turns",)

FOR_AN_HOUR = Rule("together", continues=True, group="{{service}}", group_window=timedelta(hours=1))


def test_each_opens_an_incident_and_all_take_one_commit(night: Night) -> None:
    # A try to let them join, a look at what has come before, and the commit.
    assert commits(night, repeats(night, "e1", "e2")) == 1 + 1 + 1
    assert {one.dedup_key for one in night.incidents()} == set(TROUBLES)
    assert outcomes(night) == {"opened": 3, "joined": 3}
    night.passes(minutes=2)
    night.phone("primary").receives("cart is slow").receives("2 incidents").has_had_enough()


def test_a_group_takes_one_commit(night: Night) -> None:
    night.rules(FOR_AN_HOUR)
    # None of a group merely joins: a look at what has come before, and the commit.
    assert commits(night, repeats(night, "e1")) == 1 + 1
    assert commits(night, repeats(night, "e2", keys=("cart", "door"))) == 1 + 1
    [incident] = night.incidents()
    assert [one.dedup_key for one in incident.firing] == [*TROUBLES, "door"]
    assert outcomes(night) == {"opened": 1, "joined": 4}


def test_delivered_again_they_count_once(night: Night) -> None:
    night.rules(FOR_AN_HOUR)
    body = repeats(night, "e1", "e2")
    arrives(night, body)
    arrives(night, body)
    assert outcomes(night) == {"opened": 1, "joined": 5}
    night.phone("primary").receives("cart is slow (+2 more)")


def test_who_dies_after_the_commit_pages_each_of_them_when_it_comes_again(night: Night) -> None:
    body, world = repeats(night, "e1"), night.world
    world.queue.down = True
    world.queue.publish_now(body)
    world.settle()
    world.queue.down = False
    assert len(night.incidents()) == len(TROUBLES)
    route.arrived(body, world.store, world.queue, world.moment())
    night.passes(seconds=1)
    night.phone("primary").receives("cart is slow")
    assert outcomes(night) == {"opened": 3}


def test_whose_turn_it_is_moves_on_within_the_commit(turns: Night) -> None:
    arrives(turns, repeats(turns, "e1", keys=("cart", "disk")))
    turns.phone("primary").receives("cart is slow")
    turns.phone("secondary").receives("disk is slow")


def test_a_threshold_is_reached_among_them(night: Night) -> None:
    night.rules(Rule("rarely bad", group="{{service}}", threshold=Threshold(3, timedelta(minutes=10))))
    arrives(night, repeats(night, "e1"))
    [incident] = night.incidents()
    assert {one.dedup_key for one in incident.firing} == set(TROUBLES)
    assert outcomes(night) == {"opened": 1, "waiting": 2}
    night.phone("primary").receives("disk is slow (+2 more)")


def test_what_is_answered_while_they_are_committed_keeps_its_answer(night: Night) -> None:
    night.rules(FOR_AN_HOUR)
    arrives(night, repeats(night, "e1", keys=("cart",)))
    store = night.world.store

    def looked() -> None:
        store.rival = night.operator_acknowledges

    store.rival = looked
    arrives(night, repeats(night, "e2", keys=("door", "roof")))
    [incident] = night.incidents()
    night.phone("primary").receives("cart is slow")
    assert incident.status is Status.ACKNOWLEDGED
    assert [one.dedup_key for one in incident.firing] == ["cart", "door", "roof"]
