"""The queue repeats and reorders, as its contract allows: the same people receive the same texts as on a calm night."""

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night

TROUBLES = [{"copies": 2}, {"copies": 3}, {"backwards": True}, {"copies": 3, "backwards": True}]


@pytest.fixture(params=TROUBLES, ids=str)
def troubled(night: Night, request: pytest.FixtureRequest) -> Night:
    for name, value in request.param.items():
        setattr(night.world.queue, name, value)
    return night


def test_everybody_is_paged_as_often_as_on_a_calm_night(troubled: Night) -> None:
    troubled.alert("checkout is down")
    troubled.passes(minutes=6)
    troubled.phone("primary").receives("checkout is down").rings()
    troubled.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    troubled.passes(hours=1)
    assert (len(troubled.incidents()), troubled.alerts()) == (1, 1)


def test_an_exhausted_policy_asks_the_catch_all_as_often_as_on_a_calm_night(troubled: Night) -> None:
    troubled.alert("shelves are empty", service="stock")
    troubled.passes(minutes=40)
    troubled.phone("primary").receives("shelves").rings()
    troubled.phone("manager").receives("shelves").rings().receives("shelves").rings()


def test_open_and_close_end_closed(troubled: Night) -> None:
    troubled.alert("checkout is down")
    troubled.phone("primary").receives("checkout is down")
    troubled.resolves("checkout is down")
    troubled.passes(hours=1)
    assert troubled.is_resolved()


def test_a_page_passed_on_is_passed_on_once(troubled: Night) -> None:
    troubled.alert("checkout is down")
    troubled.phone("primary").receives("down").answers("{code}e").receives("Escalated")
    troubled.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    troubled.passes(hours=1)


def test_a_lost_text_is_repeated_once(night: Night) -> None:
    night.world.queue.copies = 2
    night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.phone("primary").receives("Again: checkout is down")


def test_a_refused_text_is_one_call(troubled: Night) -> None:
    troubled.phone("primary").meets(Kind.REFUSED, On.TEXT, code=21211)
    troubled.alert("checkout is down")
    troubled.passes(minutes=4)
    troubled.phone("primary").rings()
