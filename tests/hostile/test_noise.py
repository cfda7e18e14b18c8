"""Whoever holds one key can flood what it opens, and hides nothing of any other."""

from datetime import timedelta

import pytest

from infra.cli.configfile import load
from tests.stories.night import Night
from tests.test_architecture import ROOT

EVENTS, IN_ONE = 10_000, 1_000
T1 = timedelta(seconds=30)


@pytest.mark.parametrize("troubles", [1, IN_ONE])
def test_ten_thousand_events_of_one_key_hide_no_page_of_another(troubles: int) -> None:
    """Of one trouble again and again, or of a thousand: the other service's people are texted as if nothing were."""
    night = Night(load(ROOT / "tests" / "stories" / "team.yaml"))
    for _ in range(EVENTS // IN_ONE):
        alerts = [
            {"status": "firing", "labels": {"alertname": "noise"}, "fingerprint": str(n % troubles)}
            for n in range(IN_ONE)
        ]
        answer = night.world.post(
            "alertmanager/key-of-checkout-alertmanager", {"version": "4", "status": "firing", "alerts": alerts}
        )
        assert answer.status == 202
    before = night.world.now
    night.alert("payments are down", service="payments")
    night.phone("secondary").receives("payments are down")
    assert night.world.now - before <= T1
    assert len(night.phone("primary").received()) <= 2, "the noise itself is told once a minute"
