"""A service in shadow does everything but send: beside another pager it shows whom it would have paged."""

from tests.stories.night import Night


def test_a_service_in_shadow_pages_nobody_and_tells_whom_it_would_have(night: Night) -> None:
    night.changes("services", "checkout", shadow=True)
    night.alert("checkout is down")
    night.passes(minutes=40)
    assert night.is_open()
    for who in ("Primary Person", "Secondary Person", "Manager Person"):
        assert night.told(f"text to {who}: dropped", f"{who} would have been paged: the service is in shadow")
    night.resolves("checkout is down")
    assert night.is_resolved()


def test_the_next_service_is_not_in_shadow(night: Night) -> None:
    night.changes("services", "checkout", shadow=True)
    night.alert("checkout is down")
    night.alert("stock is wrong", service="stock")
    night.phone("primary").receives("stock is wrong").answers("ack").receives("Acknowledged")


def test_what_opened_in_shadow_stays_there_and_what_opens_after_it_is_paged(night: Night) -> None:
    night.changes("services", "checkout", shadow=True)
    night.alert("checkout is down")
    night.changes("services", "checkout", shadow=False)
    night.alert("cards are refused")
    night.phone("primary").receives("cards are refused").answers("ack").receives("Acknowledged")
    night.passes(minutes=30)
