"""Rules in the configuration: read, checked with the place of each mistake, tried out, and explained afterwards."""

from datetime import timedelta
from pathlib import Path

import pytest

from infra.cli import written
from infra.cli.configfile import load
from tests.cli.broken import GOOD
from tests.cli.test_check import check
from tests.cli.test_oncall import NOW, answered, apply, said, tocsin
from tocsin import route
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.config import Config, Flapping, Rule, Threshold, Urgency
from tocsin.domain.matchers import parse
from tocsin.moment import Moment
from tocsin.records import from_json, to_json

RULES = """\
rules:
  - name: staging
    match: ['env=~"test|staging"']
    suppress: true
  - name: databases
    match: [team="db", 'cluster!=""']
    when: 'labels.cluster.startsWith("eu-")'
    service: checkout
    severity: error
    urgency: low
    priority: P2
    dedup_key: "{{labels.cluster}}/{{labels.alertname}}"
    group: "{{labels.cluster}}"
    group_window: 10m
    pause: 2m
    threshold: 5 in 10m
    continue: true
"""


def loaded(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "team.yaml"
    file.write_text(text)
    return load(file)


def test_rules_are_read_and_kept(tmp_path: Path) -> None:
    config = from_json(Config, to_json(loaded(tmp_path, GOOD + RULES)))
    minute = timedelta(minutes=1)
    assert config.rules == (
        Rule("staging", (parse('env=~"test|staging"'),), suppress=True),
        Rule(
            "databases",
            (parse('team="db"'), parse('cluster!=""')),
            'labels.cluster.startsWith("eu-")',
            continues=True,
            service="checkout",
            severity=Severity.ERROR,
            urgency=Urgency.LOW,
            priority="P2",
            dedup_key="{{labels.cluster}}/{{labels.alertname}}",
            group="{{labels.cluster}}",
            group_window=10 * minute,
            pause=2 * minute,
            threshold=Threshold(5, 10 * minute),
        ),
    )


def test_rules_are_shown_in_the_words_of_the_file(tmp_path: Path) -> None:
    text = written.document(loaded(tmp_path, GOOD + RULES))
    for line in ('match: [env=~"test|staging"]', "continue: true", "threshold: 5 in 10m", "group_window: 10m"):
        assert line in text


@pytest.mark.parametrize(
    ("said", "flapping"),
    [
        ("4 in 30m, stable 5m", Flapping(4, timedelta(minutes=30), timedelta(minutes=5))),
        ("off", None),
    ],
)
def test_how_a_service_flaps_is_read(tmp_path: Path, said: str, flapping: Flapping | None) -> None:
    text = GOOD.replace("    urgency: high\n", f"    urgency: high\n    flapping: {said}\n")
    assert loaded(tmp_path, text).services["checkout"].flapping == flapping
    assert loaded(tmp_path, GOOD).services["checkout"].flapping == Flapping()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("match: ['team=~\"(db\"']", '"(db" is not a pattern: a ( is not closed'),
        ("match: [team]", '"team" is not a matcher: write a label'),
        ("when: 'foo == 1'", "is no expression, at its character 1: undeclared reference to 'foo'"),
        ("when: labels.team", "says neither yes nor no but string"),
        ("service: chekout", 'there is no service "chekout", did you mean checkout?'),
        ("severity: bad", "should be critical, error, warning"),
        ("severity: unknown", "should be critical, error, warning or info"),
        ("urgency: loud", "should be high or low"),
        ("priority: P6", "is not a priority: write P1"),
        ("dedup_key: '{{team}}'", "{{team}} is nothing an alert has: write {{labels.NAME}}"),
        ("group: '{{labels.a'", "has braces that are no place"),
        ("group_window: 10m", "counts for nothing: write beside it, with group"),
        ("pause: 0s", "should be longer than nothing and at most 1w"),
        ("threshold: 1 in 10m", "is not a threshold: write how many triggers (2 to 100)"),
        ("threshold: often", "is not a threshold"),
        ("continues: true", 'unknown field "continues", did you mean continue?'),
        ("name: twice", '"name" is written twice'),
    ],
)
def test_a_mistake_in_a_rule_is_named_in_its_line(tmp_path: Path, rule: str, sentence: str) -> None:
    text = f"{GOOD}rules:\n  - name: one\n    {rule}\n"
    [(line, said)] = check(tmp_path, text)
    assert line == 27
    assert sentence in said


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    [(_, said)] = check(tmp_path, f"{GOOD}rules:\n  - name: one\n  - name: one\n")
    assert 'two rules are called "one"' in said


def test_what_a_service_says_of_flapping_is_checked(tmp_path: Path) -> None:
    text = GOOD.replace("    urgency: high\n", "    urgency: high\n    flapping: often\n")
    [(line, said)] = check(tmp_path, text)
    assert (line, "as in 6 in 1h, stable 10m; or off" in said) == (21, True)


def test_where_an_alert_goes_is_said_with_what_each_rule_says_of_it(pager: Path) -> None:
    (pager / "team.yaml").write_text(GOOD + RULES)
    asked = ("route", "test", "--config", str(pager / "team.yaml"), "--integration", "checkout-am")
    led = answered(pager, *asked, "team=db", "cluster=eu-1", "alertname=DiskFull")
    assert (led["service"], led["urgency"], led["priority"], led["group"]) == ("checkout", "low", "P2", "eu-1")
    assert led["dedup_key"] == "eu-1/DiskFull"
    assert [(one["rule"], one["fits"]) for one in led["tried"]] == [("staging", False), ("databases", True)]
    assert led["reason"] == "opened a new incident, paused by the rule databases"
    told = said(pager, *asked, "env=test")
    assert "suppressed by the rule staging" in told
    assert '  staging: fits, env=~"test|staging"' in told


def test_what_came_of_an_alert_is_explained_by_its_event_and_by_its_incident(pager: Path) -> None:
    config = apply(pager, GOOD + RULES)
    alert = Alert(Action.TRIGGER, "k", "cart is slow", Severity.WARNING, labels={"team": "web"})
    ids = iter("0123456789abcdef")
    moment = Moment(NOW, config, lambda: next(ids) * 32)

    class Nowhere:
        def create(self, function: str, body: object, at: object = None, *, urgent: bool = False) -> None:
            """Queue nothing: nobody is to be paged."""

    store = EmbeddedStore(pager / "tocsin.db")
    route.route(Event("e" * 32, NOW, "checkout-am", "checkout", alert), store, Nowhere(), moment)
    by_event = answered(pager, "explain", "e" * 32)
    assert by_event["events"][0]["tried"][0] == {
        "rule": "staging",
        "fits": False,
        "why": 'env=~"test|staging", and env is ""',
    }
    assert by_event["events"][0]["outcome"] == "opened"
    assert answered(pager, "explain", by_event["events"][0]["incident"][:8]) == by_event
    told = said(pager, "explain", "e" * 32)
    assert '  databases: no, team="db", and team is "web"' in told
    assert "  opened: opened a new incident" in told
    assert tocsin(pager, "explain", "0" * 31 + "f").returncode == 1
