"""What the configuration says about the life of incidents is read, and each mistake in it is named."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.cli.configfile import load
from tests.cli.broken import GOOD
from tests.cli.test_check import check
from tocsin.domain.config import Config
from tocsin.domain.maintenance import Maintenance
from tocsin.domain.matchers import Matcher, Relation
from tocsin.records import from_json, to_json

TIMED = GOOD.replace(
    "    urgency: high\n", "    urgency: high\n    acknowledgement_timeout: 30m\n    auto_resolve: 4h\n"
)
WINDOW = "{name: move, services: [checkout], start: 2026-07-01 22:00, end: 2026-07-02 02:00, time_zone: Europe/London"


def loaded(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "team.yaml"
    file.write_text(text)
    return load(file)


def test_how_long_an_acknowledgement_and_silence_last_is_read_and_kept(tmp_path: Path) -> None:
    config = from_json(Config, to_json(loaded(tmp_path, TIMED)))
    service = config.services["checkout"]
    assert (service.acknowledgement_timeout, service.auto_resolve) == (timedelta(minutes=30), timedelta(hours=4))
    plain = loaded(tmp_path, GOOD).services["checkout"]
    assert (plain.acknowledgement_timeout, plain.auto_resolve) == (None, None)


def test_a_window_is_read_in_its_own_zone_with_its_matchers(tmp_path: Path) -> None:
    text = f"{GOOD}maintenance:\n  - {WINDOW}, match: ['severity=\"warning\"', 'host=~\"db-.*\"']}}\n"
    config = from_json(Config, to_json(loaded(tmp_path, text)))
    matchers = (Matcher("severity", Relation.IS, "warning"), Matcher("host", Relation.MATCHES, "db-.*"))
    start, end = datetime(2026, 7, 1, 21, tzinfo=UTC), datetime(2026, 7, 2, 1, tzinfo=UTC)
    assert config.maintenance == (Maintenance("move", ("checkout",), start, end, matchers),)


@pytest.mark.parametrize(
    ("window", "sentence"),
    [
        (WINDOW.replace("[checkout]", "[chekout]") + "}", 'there is no service "chekout", did you mean checkout?'),
        (WINDOW.replace("[checkout]", "[]") + "}", "is empty: name at least one service"),
        (WINDOW.replace("07-02 02", "07-01 02") + "}", "should be after the start: this window would never hold"),
        (WINDOW + ", match: [warning]}", '"warning" is not a matcher: write a label, = != =~ or !~, and a value'),
        (WINDOW + ", match: ['host=~\"(\"']}", "is not a pattern"),
        (WINDOW.replace("name: move, ", "") + "}", '"name" is missing: what is done there'),
    ],
)
def test_a_mistake_in_a_window_is_named(tmp_path: Path, window: str, sentence: str) -> None:
    [(line, said)] = check(tmp_path, f"{GOOD}maintenance:\n  - {window}\n")
    assert line == 26
    assert sentence in said


def test_an_acknowledgement_that_lasts_no_time_is_refused(tmp_path: Path) -> None:
    [(_, said)] = check(tmp_path, TIMED.replace("30m", "0m", 1))
    assert "services.checkout.acknowledgement_timeout: should be longer than nothing" in said
