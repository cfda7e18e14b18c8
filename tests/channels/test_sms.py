"""The text channel: the page goes out with its code, and a lost send is found again by that code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind
from tests.clients.telephone import Telephone
from tests.domain.examples import incident, notification
from tocsin.channels import sms
from tocsin.errors import Uncertain, Undeliverable

PAGE = notification()


def shown(telephone: Telephone) -> list[str]:
    telephone.settle()
    return [message.body for message in telephone.network.messages(PAGE.number)]


def test_the_page_is_one_text_with_its_code() -> None:
    telephone = Telephone()
    sid = sms.send(incident(), PAGE, telephone.twilio, again=False)
    assert shown(telephone) == ["checkout is down. Reply ack 4821, resolve 4821 or escalate 4821"]
    assert telephone.network.messages(PAGE.number)[0].sid == sid


def test_a_possible_copy_says_so_and_has_the_same_code() -> None:
    telephone = Telephone()
    sms.send(incident(), PAGE, telephone.twilio, again=True)
    assert shown(telephone) == ["Again: checkout is down. Reply ack 4821, resolve 4821 or escalate 4821"]


@pytest.mark.parametrize(("kind", "is_found"), [(Kind.LOST_AFTER, True), (Kind.LOST_BEFORE, False)])
def test_a_lost_send_is_found_if_it_was_one(kind: Kind, is_found: bool) -> None:  # noqa: FBT001
    telephone = Telephone()
    claimed = replace(PAGE, begun_at=telephone.now)
    telephone.breaks(kind)
    with pytest.raises(Uncertain):
        sms.send(incident(), claimed, telephone.twilio, again=False)
    telephone.settle()
    assert (sms.find(claimed, telephone.twilio, set()) is not None) is is_found


def test_a_page_is_not_taken_for_another_ones() -> None:
    telephone = Telephone()
    sms.send(incident(), PAGE, telephone.twilio, again=False)
    telephone.settle()
    for other in (
        replace(PAGE, code="4822", begun_at=telephone.now),
        replace(PAGE, number="+15550100102", begun_at=telephone.now),
        replace(PAGE, begun_at=telephone.now + timedelta(hours=1)),
        replace(PAGE, begun_at=None),
    ):
        assert sms.find(other, telephone.twilio, set()) is None


def test_a_number_that_takes_no_texts_is_undeliverable() -> None:
    telephone = Telephone()
    telephone.breaks(Kind.REFUSED, code=21614)
    with pytest.raises(Undeliverable) as refused:
        sms.send(incident(), PAGE, telephone.twilio, again=False)
    assert refused.value.code == 21614
