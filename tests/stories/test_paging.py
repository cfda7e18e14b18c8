from tests.stories.night import Night


def test_an_acknowledged_page_stops_the_escalation(night: Night) -> None:
    night.alert("checkout is down", source="alertmanager")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    night.phone("secondary").stays_silent()
    assert night.is_acknowledged(by="Primary Person")
