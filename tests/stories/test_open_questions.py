"""Nights that do not yet end as they should."""

from infra.local.phones.faults import Kind
from tests.stories.night import Night


# The sweep asks Twilio for texts only within an hour of the last page. A page answered at two and resolved by text at
# five is lost without a word when that webhook is.
def test_a_reply_whose_webhook_was_lost_hours_after_the_page_is_found_too(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=3)
    night.phone("primary").meets(Kind.REPLY_LOST).answers("resolve {code}")
    night.passes(minutes=2)
    night.phone("primary").receives("Resolved")
