"""Rules are tried in their order, choose what they say, and leave a path that can be read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.examples import MINUTE, config, event
from tocsin.domain import rules, templates
from tocsin.domain.alert import Action, Event, Severity
from tocsin.domain.config import Canary, Config, Integration, Rule, Threshold, Urgency
from tocsin.domain.matchers import parse
from tocsin.domain.rules import NOTHING_CHOSEN, Facts, Path, Unclear, choose, led

ALERT = event(Action.TRIGGER, labels={"team": "db", "host": "db-1"})


def having(*given: Rule, **changes: object) -> Config:
    doors = {"alertmanager": Integration("alertmanager", "checkout", "alertmanager", ())}
    return replace(config(), rules=given, integrations=doors, **changes)  # type: ignore[arg-type]


def never(expression: str, facts: Facts) -> bool:
    raise AssertionError(f"nobody was to ask whether {expression} holds of {facts}")


def rule(name: str, *match: str, **chosen: object) -> Rule:
    return Rule(name, tuple(parse(each) for each in match), **chosen)  # type: ignore[arg-type]


def chosen(*given: Rule, alert: Event = ALERT) -> Path:
    return choose(alert, having(*given), never)


def test_the_first_rule_that_fits_decides_and_those_after_it_are_not_asked() -> None:
    path = chosen(
        rule("web", 'team="web"', service="a"), rule("db", 'team="db"', service="b"), rule("all", service="c")
    )
    assert (path.service, path.by) == ("b", {"service": "db"})
    assert [(one.rule, one.fits) for one in path.tried] == [("web", False), ("db", True)]
    assert path.tried[0].why == 'team="web", and team is "db"'
    assert path.tried[1].why == 'team="db"'


def test_a_rule_that_continues_leaves_the_last_word_to_those_after_it() -> None:
    path = chosen(
        rule("all", continues=True, urgency=Urgency.LOW, priority="P3"),
        rule("db", 'team="db"', continues=True, priority="P1"),
        rule("web", 'team="web"', priority="P5"),
    )
    assert (path.urgency, path.priority, path.by) == (Urgency.LOW, "P1", {"urgency": "all", "priority": "db"})
    assert rules.said(path) == "all: urgency low; db: priority P1"


def test_what_is_suppressed_can_be_let_through_by_a_later_rule() -> None:
    path = chosen(rule("all", continues=True, suppress=True), rule("db", 'team="db"', suppress=False))
    assert (path.suppress, path.by["suppress"]) == (False, "db")


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ('integration="alertmanager"', True),
        ('source="alertmanager"', True),
        ('service="checkout"', True),
        ('severity="critical"', True),
        ('title="checkout is down"', True),
        ('affected=""', True),
        ('host=~"db-.+"', True),
        ('host!~"db-.+"', False),
    ],
)
def test_a_rule_can_ask_for_what_every_alert_has(match: str, fits: bool) -> None:  # noqa: FBT001
    assert chosen(rule("one", match)).tried[0].fits == fits


def test_a_label_wins_over_what_every_alert_has_but_for_its_integration() -> None:
    alert = event(Action.TRIGGER, labels={"service": "cart", "severity": "page", "integration": "trusted"})
    asked = rules.asked(alert, having())
    assert (asked["service"], asked["severity"], asked["integration"]) == ("cart", "page", "alertmanager")


@pytest.mark.parametrize("action", [Action.CHANGE, Action.BEAT])
def test_changes_and_beats_go_where_they_must(action: Action) -> None:
    assert chosen(rule("all", suppress=True), alert=event(action)) is NOTHING_CHOSEN


def test_tests_and_canaries_go_where_they_must() -> None:
    everything = having(rule("all", suppress=True), canary=Canary("alertmanager", 10 * MINUTE))
    assert choose(ALERT, everything, never) is NOTHING_CHOSEN
    assert choose(replace(ALERT, integration="test/sms/ada"), everything, never) is NOTHING_CHOSEN


def test_the_event_goes_on_with_what_was_chosen() -> None:
    path = chosen(rule("db", service="stock", severity=Severity.INFO, dedup_key="{{labels.host}}!"))
    on = led(ALERT, path)
    assert (on.service, on.alert.severity, on.alert.dedup_key) == ("stock", Severity.INFO, "db-1!")
    assert led(ALERT, NOTHING_CHOSEN) == ALERT


def test_in_a_template_a_missing_label_is_empty_and_that_is_said() -> None:
    path = chosen(rule("db", group="{{labels.team}}/{{labels.region}}/{{severity}}"))
    assert path.group == "db//critical"
    assert path.warnings == ("rule db: in its group nothing stands for region",)


def test_a_template_of_which_nothing_is_known_chooses_nothing() -> None:
    path = chosen(rule("db", dedup_key="{{labels.region}}/{{labels.zone}}", priority="P2"))
    assert (path.dedup_key, path.by) == ("", {"priority": "db"})
    assert path.warnings == ("rule db: no dedup key is chosen, the alert has no region and no zone",)


def test_a_template_without_places_is_a_key_of_its_own() -> None:
    assert chosen(rule("db", group="everything")).group == "everything"


def test_long_keys_differ_when_what_was_cut_away_does() -> None:
    keys = [
        chosen(rule("db", group="{{labels.host}}"), alert=event(Action.TRIGGER, labels={"host": "h" * 300 + end})).group
        for end in "ab"
    ]
    assert keys[0] != keys[1]
    assert {len(key) for key in keys} == {255}


def test_an_expression_is_asked_only_where_every_matcher_fits() -> None:
    asked: list[Facts] = []

    def holds(_: str, facts: Facts) -> bool:
        asked.append(facts)
        return len(asked) > 1

    both = having(rule("web", 'team="web"', when="x"), rule("db", 'team="db"', when="y"), rule("all", when="z"))
    path = choose(ALERT, both, holds)
    assert [(one.rule, one.fits) for one in path.tried] == [("web", False), ("db", False), ("all", True)]
    assert path.tried[1].why == "not so: y"
    assert asked[0]["labels"] == {"team": "db", "host": "db-1"}
    assert (asked[0]["severity"], asked[0]["accepted_at"]) == ("critical", ALERT.accepted_at)


def test_an_expression_without_an_answer_does_not_hold_is_warned_of_and_the_next_rule_is_tried() -> None:
    def holds(_: str, __: Facts) -> bool:
        raise Unclear("there is no such label")

    path = choose(ALERT, having(rule("db", when="x", suppress=True), rule("all", priority="P4")), holds)
    assert (path.suppress, path.priority) == (None, "P4")
    assert path.warnings == ("rule db: its expression has no answer here: there is no such label",)


def test_what_was_chosen_is_said_as_it_is_written() -> None:
    path = chosen(rule("db", pause=timedelta(minutes=2), threshold=Threshold(5, timedelta(minutes=10)), suppress=False))
    assert rules.said(path) == "db: suppress no, pause 2m, threshold 5 in 10m"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{team}}", "is nothing an alert has"),
        ("{{}}", "is nothing an alert has"),
        ("{{labels.}}", "is nothing an alert has"),
        ("{{labels.a", "braces that are no place"),
        ("labels.a}}", "braces that are no place"),
        ("{{ labels.a b }}", "braces that are no place"),
        ("x" * 501, "501 characters of at most 500"),
    ],
)
def test_what_is_no_template_is_refused(template: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        templates.check(template)


def test_what_an_alert_says_is_never_read_as_a_template() -> None:
    filled = templates.fill(
        "{{labels.a}} {{ labels.b.c/d }}", {"a": "{{labels.secret}}", "b.c/d": r"\1", "secret": "x"}
    )
    assert filled == (r"{{labels.secret}} \1", ())
