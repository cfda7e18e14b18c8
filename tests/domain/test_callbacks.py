"""Where Twilio calls back: the notification's id survives the way, and a failure is repeated."""

from tocsin.domain.callbacks import url


def test_the_address_names_the_notification_and_asks_for_repeats() -> None:
    made = url("https://pager.example", "status", "i1&n=2-1")
    assert made == "https://pager.example/reply/status?n=i1%26n%3D2-1#rc=3&rp=5xx,ct,rt"
