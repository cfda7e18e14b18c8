"""A gap ahead is told once a day, while there is time to fill it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stories.night import Night

GAP = "the schedule shop has nobody on call from "


def ends_on_wednesday(night: Night) -> None:
    [layer] = night.world.config.schedules["shop"].layers
    end = layer.start + timedelta(days=(night.world.now.replace(tzinfo=None) - layer.start).days + 5)
    night.changes("schedules", "shop", layers=(replace(layer, end=end),))


def test_a_gap_in_the_next_fortnight_is_told_once_a_day(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    ends_on_wednesday(night)
    night.passes(hours=23)
    assert capsys.readouterr().out.count(GAP) == 1
    night.passes(hours=2)
    assert capsys.readouterr().out.count(GAP) == 1


def test_where_somebody_is_always_on_call_nothing_is_told(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    night.passes(hours=2)
    assert "nobody on call" not in capsys.readouterr().out
