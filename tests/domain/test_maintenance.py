"""Which alerts a maintenance window means: its services, its hours, and every one of its matchers."""

from dataclasses import replace

import pytest

from infra.cli.matchers import matcher
from tests.domain.examples import HOUR, NOW, SECOND, event
from tocsin.domain.alert import Action, Severity
from tocsin.domain.maintenance import Maintenance, window
from tocsin.domain.matchers import Matcher, Relation, labels_of

MOVE = Maintenance("move", ("checkout",), NOW, NOW + HOUR)
ALERT = event(Action.TRIGGER, labels={"host": "db-1", "team": "web"})


@pytest.mark.parametrize(
    ("accepted", "now", "inside"),
    [(0, 0, True), (-1, 0, False), (3599, 3599, True), (3599, 3600, False), (3600, 3600, False)],
)
def test_a_window_holds_from_its_start_up_to_and_without_its_end(accepted: int, now: int, inside: bool) -> None:  # noqa: FBT001
    said = event(Action.TRIGGER, accepted)
    assert (window([MOVE], said, NOW + now * SECOND) is MOVE) == inside


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ('host="db-1"', True),
        ("host=db-1", True),
        ('host = "db"', False),
        ('host!="db-1"', False),
        ('host!="db-2"', True),
        ('host=~"db-.*"', True),
        ('host=~"db"', False),
        ('host=~"db-.|web-."', True),
        ('host!~"db-.*"', False),
        ('host!~"db"', True),
        ('severity="critical"', True),
        ('title=~"checkout.*"', True),
        ('absent=""', True),
        ('absent!=""', False),
        ('absent=~".+"', False),
    ],
)
def test_a_matcher_compares_the_whole_label(text: str, fits: bool) -> None:  # noqa: FBT001
    assert matcher(text).fits(labels_of(ALERT.alert)) == fits


def test_a_label_of_the_source_wins_over_the_severity_that_was_read_from_it() -> None:
    said = replace(ALERT.alert, severity=Severity.CRITICAL, labels={"severity": "page"})
    assert labels_of(said) == {"severity": "page", "title": "checkout is down", "affected": ""}


def test_every_matcher_must_fit_and_of_several_windows_the_last_to_end_is_named() -> None:
    fits, not_ = Matcher("host", Relation.IS, "db-1"), Matcher("team", Relation.IS, "shop")
    assert window([replace(MOVE, match=(fits, not_))], ALERT, NOW) is None
    longer = replace(MOVE, name="longer", end=NOW + 2 * HOUR, match=(fits,))
    assert window([MOVE, longer, MOVE], ALERT, NOW) is longer
    assert window([replace(MOVE, services=("stock",))], ALERT, NOW) is None


@pytest.mark.parametrize("text", ["", "host", '="x"', "host==x", 'host="x', "host=~[", 'host=~"(a"', 7])
def test_what_is_no_matcher_is_refused_with_the_right_form(text: object) -> None:
    with pytest.raises(ValueError, match=r"matcher|pattern|text"):
        matcher(text)
