"""What a phone is told when it asks: who is on call, and what is open here."""

from dataclasses import replace

import pytest

from tests.domain.examples import HOUR, NOW, by_schedule, config, incident, level, named, schedule, user
from tocsin.domain import wording
from tocsin.domain.config import Config, Policy, Service, ServiceUrgency
from tocsin.domain.incident import Incident, acknowledge, snooze
from tocsin.domain.terminal import status, who

LONG = "Checkout of the shop in the high street"


def shops(number: int) -> Config:
    one = config()
    services = {f"shop-{n}": Service(f"shop-{n}", f"Shop {n}", "shop", ServiceUrgency.HIGH) for n in range(number)}
    return replace(one, services=services)


def test_who_tells_of_every_service_who_comes_first_and_who_then() -> None:
    assert who("", (), config(), NOW, "UTC") == "Checkout: Ada, then Bram"
    assert who("", (), shops(4), NOW, "UTC").count(": Ada, then Bram") == 4
    told = who("", (), shops(6), NOW, "UTC")
    assert told.endswith("; and 2 more, ask who and a name")
    assert "Shop 3" in told
    assert "Shop 4" not in told
    assert who("", (), shops(0), NOW, "UTC") == "There is no service"


def test_who_tells_of_what_is_open_here_if_anything_is() -> None:
    about = [incident(service=name) for name in ("shop-2", "gone", "shop-2")]
    assert who("", about, shops(3), NOW, "UTC") == "Shop 2: Ada, then Bram"
    assert who("", about[1:2], shops(2), NOW, "UTC") == "Shop 0: Ada, then Bram; Shop 1: Ada, then Bram"


def test_levels_without_anybody_are_told_as_that_and_without_any_the_catch_all_is() -> None:
    levels = (level(by_schedule("nowhere")), level(named("ada"), named("bram")), *[level(named("carla"))] * 3)
    some = config(policies={"shop": Policy("shop", levels, 0)})
    assert who("", (), some, NOW, "UTC") == "Checkout: nobody, then Ada and Bram, then Carla, then Carla"
    for policies in ({}, {"shop": Policy("shop", (level(by_schedule("nowhere")),), 0)}):
        assert who("", (), config(policies=policies), NOW, "UTC") == "Checkout: Dana"


def test_long_names_are_cut() -> None:
    one = config()
    service = replace(one.services["checkout"], name=LONG)
    people = {**one.users, "ada": replace(user("ada"), name="Adalbert von und zu Habsburg")}
    told = who("", (), replace(one, services={"checkout": service}, users=people), NOW, "UTC")
    assert told == f"{LONG[:20]}: Adalbert von und zu , then Bram"


def test_a_name_can_mean_a_service_or_a_schedule() -> None:
    one = shops(2)
    assert who("shop 1", (), one, NOW, "UTC") == "Shop 1: Ada, then Bram"
    assert who("shop", (), one, NOW, "UTC") == wording.not_one("shop", ("shop-0", "shop-1"))
    assert who("night", (), one, NOW, "UTC") == wording.not_one("night", ())
    nights = replace(one, schedules={"night": schedule("ada", "bram")})
    assert who("night", (), nights, NOW, "Europe/London") == "night: Bram until Mon 23 Nov 09:00 GMT"
    assert who("night", (), replace(nights, schedules={"night": schedule("gone")}), NOW, "UTC").endswith(
        "nobody is on call"
    )
    nowhere = replace(schedule("ada"), time_zone="Mars/Olympus")
    assert who("night", (), replace(nights, schedules={"night": nowhere}), NOW, "UTC") == "night: nobody is on call"


OPEN = incident()


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        (OPEN, "triggered"),
        (replace(OPEN, priority="P1"), "P1 triggered"),
        (acknowledge(OPEN, "Ada", NOW, "by text"), "acknowledged by Ada"),
        (snooze(OPEN, "Ada", NOW + HOUR, NOW, "by text"), "snoozed until 03:14 UTC"),
    ],
)
def test_status_says_how_each_stands(one: Incident, standing: str) -> None:
    assert status([("4821", one)], NOW, "UTC") == f"1 open here: 4821 {standing}: checkout is down"


def test_of_many_four_are_told_and_the_rest_counted() -> None:
    assert status([], NOW, "UTC") == wording.NOTHING_LISTED
    codes = [str(number) for number in range(1001, 1007)]
    told = status([(code, replace(OPEN, title=LONG)) for code in codes], NOW, "UTC")
    assert told.startswith(f"6 open here: 1001 triggered: {LONG[:20]}; 1002")
    assert told.endswith("; and 2 more")
    assert "1004" in told
    assert "1005" not in told
    assert "more" not in status([(code, OPEN) for code in codes[:4]], NOW, "UTC")
