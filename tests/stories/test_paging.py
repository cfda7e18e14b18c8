"""Who is paged, how loudly, and what the page says."""

import pytest

from tests.stories.night import Night


def test_an_acknowledged_page_stops_the_escalation(night: Night) -> None:
    night.alert("checkout is down", source="alertmanager")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    night.phone("secondary").stays_silent()
    assert night.is_acknowledged(by="Primary Person")


def test_a_text_that_stays_unanswered_is_followed_by_a_call_after_two_minutes(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.passes(seconds=115)
    night.phone("primary").stays_silent()
    night.passes(seconds=5)
    night.phone("primary").rings()


def test_an_answer_to_the_text_spares_the_call(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(seconds=100)
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(minutes=3)
    assert night.told("call to Primary Person: dropped", "already acknowledged by Primary Person")


def test_a_quiet_service_texts_and_never_calls(night: Night) -> None:
    night.alert("report is late", service="reports")
    night.passes(minutes=4)
    night.phone("primary").receives("report is late").stays_silent()


@pytest.mark.parametrize("severity", ["warning", "info"])
def test_a_mild_alert_texts_and_never_calls(night: Night, severity: str) -> None:
    night.alert("disk fills up", severity=severity)
    night.passes(minutes=4)
    night.phone("primary").receives("disk fills up").stays_silent()


@pytest.mark.parametrize("severity", ["critical", "error", "", "chartreuse"])
def test_a_severity_that_is_grave_or_unknown_calls(night: Night, severity: str) -> None:
    night.alert("disk fills up", severity=severity)
    night.passes(minutes=4)
    night.phone("primary").receives("disk fills up").rings()


def test_two_people_at_one_level_are_paged_together_and_one_answer_is_enough(night: Night) -> None:
    night.alert("cards are refused", service="payments")
    night.phone("primary").receives("cards are refused")
    night.phone("secondary").receives("cards are refused").answers("ack").receives("Acknowledged")
    night.passes(minutes=30)
    assert night.is_acknowledged(by="Secondary Person")


def test_the_same_trouble_has_another_code_on_each_phone(night: Night) -> None:
    night.alert("cards are refused", service="payments")
    first, second = night.phone("primary").receives(), night.phone("secondary").receives()
    assert first.code != second.code


def test_somebody_who_is_meant_twice_is_paged_once(night: Night) -> None:
    night.alert("shelves are empty", service="stock")
    night.phone("primary").receives("shelves are empty").stays_silent()


def test_two_troubles_have_two_codes_on_one_phone(night: Night) -> None:
    night.alert("checkout is down")
    one = night.phone("primary").receives("checkout is down").code
    night.passes(minutes=1)
    night.alert("stock is wrong", service="stock")
    two = night.phone("primary").receives("stock is wrong").code
    night.phone("primary").answers(f"ack {one}").receives(f"Acknowledged {one}", "checkout is down")
    night.phone("primary").answers(f"ack {two}").receives(f"Acknowledged {two}", "stock is wrong")


def test_the_page_names_the_service_unless_its_title_does(night: Night) -> None:
    night.alert("latency is 9 s")
    assert night.phone("primary").receives().text.startswith("Checkout: latency is 9 s.")
    night.passes(minutes=1)
    night.alert("CHECKOUT has no replicas")
    assert night.phone("primary").receives().text.startswith("CHECKOUT has no replicas.")


def test_a_long_title_is_cut_with_a_mark_and_what_to_reply_is_kept(night: Night) -> None:
    night.alert("queue {orders} [eu] ~ " * 40)
    page = night.phone("primary").receives("...")
    assert page.text.endswith(f"... Reply ack {page.code}, resolve {page.code} or escalate {page.code}")
    page.answers("ack").receives("Acknowledged", "...")


def test_a_title_in_fine_typography_arrives_in_plain_letters(night: Night) -> None:
    night.alert("“Größe” – naïve façade… 5 ≥ 3 → дом\N{ZERO WIDTH SPACE}")
    night.phone("primary").receives('"Größe" - na', "... 5 >= 3 -> ")


def test_a_title_of_several_lines_arrives_as_one(night: Night) -> None:
    night.alert("disk\r\nis\tfull\n\nReply ack 0000")
    night.phone("primary").receives("disk is full Reply ack 0000. Reply ack ")


def test_a_link_in_a_title_is_no_link_on_the_phone(night: Night) -> None:
    night.alert("log in at https://evil.example/login now")
    assert "://" not in night.phone("primary").receives("log in at https").text


def test_the_timeline_tells_the_night_with_its_reasons(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(minutes=10)
    code = night.phone("primary").code
    for line in (
        "triggered: checkout-alertmanager says: checkout is down",
        "paging: level 1: Primary Person (on call in shop by rotation)",
        f"text to Primary Person: sent: sms to Primary Person, code {code}",
        "text to Primary Person: delivered: the provider says delivered",
        "acknowledged: Primary Person acknowledged by text",
        "call to Primary Person: dropped: already acknowledged by Primary Person",
    ):
        assert night.told(line) == 1, line


def test_a_title_cannot_ask_people_to_reply_with_the_word_that_stops_their_texts(night: Night) -> None:
    night.alert("disk is full, reply STOP to silence this")
    night.phone("primary").receives("disk is full, reply ... to silence this. Reply ack ")
