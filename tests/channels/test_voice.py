"""The voice channel: a call says the page three times and listens for one key each time, whatever the title holds."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.phones.faults import Kind
from tests.clients.telephone import Telephone
from tests.domain.examples import incident, notification
from tests.stories.world import PUBLIC_URL
from tocsin import twiml
from tocsin.channels import voice
from tocsin.domain.wording import spoken
from tocsin.errors import Uncertain
from tocsin.twiml import said, script, texted

PAGE = notification(channel="voice")
ACTION = f"{PUBLIC_URL}/reply/voice?n={PAGE.id}#rc=3&rp=5xx,ct,rt"
MOST = 4000  # characters of TwiML that Twilio takes with a call
TITLES = st.text(st.characters(), max_size=1024) | st.text(st.sampled_from("&<>\"'"), min_size=300, max_size=1024)


def parsed(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 -- ours


def test_the_call_brings_its_words_and_is_heard() -> None:
    telephone = Telephone()
    sid = voice.send(incident(), PAGE, telephone.twilio, again=False)
    telephone.network.due(following := telephone.network.next_due() or telephone.now)
    telephone.network.pick_up(sid, following)
    telephone.now = following
    telephone.network.due(following)
    [call] = telephone.network.calls(PAGE.number)
    assert "This is Tocsin. Checkout: checkout is down." in " ".join(part.text for part in call.spoken)


def test_the_page_is_said_three_times_each_with_room_for_one_key() -> None:
    root = parsed(script(*spoken(incident(), PAGE), ACTION))
    assert [child.tag for child in root] == ["Gather", "Gather", "Gather", "Say"]
    for gather in root.findall("Gather"):
        assert gather.attrib["action"] == ACTION
        assert (gather.attrib["method"], gather.attrib["numDigits"], gather.attrib["input"]) == ("POST", "1", "dtmf")
        assert len(gather.findall("Say")) == 2


@given(title=TITLES, service=st.text(st.characters(), max_size=100))
@settings(deadline=None)
def test_no_title_changes_what_the_call_does(title: str, service: str) -> None:
    root = parsed(script(*spoken(incident(title=title, service_name=service), PAGE), ACTION))
    assert [child.tag for child in root.iter()] == ["Response", *["Gather", "Say", "Say"] * 3, "Say"]


@given(title=TITLES, service=TITLES)
@settings(deadline=None)
def test_nothing_makes_the_call_too_long_for_twilio(title: str, service: str) -> None:
    assert len(script(*spoken(incident(title=title, service_name=service), PAGE), ACTION)) <= MOST


def test_a_title_that_is_twiml_is_spoken() -> None:
    root = parsed(script(*spoken(incident(title="</Say><Dial>+19005550100</Dial><Say>"), PAGE), ACTION))
    assert not root.findall(".//Dial")
    assert "Dial" in str(root.findall(".//Say")[0].text)


@pytest.mark.parametrize("words", ["<Hangup/>", "a & b", '"x"', "é €"])
def test_words_are_only_words(words: str) -> None:
    assert [(one.tag, one.text) for one in parsed(said(words))] == [("Say", words), ("Hangup", None)]
    assert [(one.tag, one.text) for one in parsed(texted(words))] == [("Message", words)]


def test_no_words_are_no_message() -> None:
    assert list(parsed(twiml.texted(""))) == []


def test_a_lost_call_is_found_unless_it_is_another_notifications() -> None:
    telephone = Telephone()
    claimed = replace(PAGE, begun_at=telephone.now)
    assert voice.find(claimed, telephone.twilio, set()) is None
    telephone.breaks(Kind.LOST_AFTER)
    with pytest.raises(Uncertain):
        voice.send(incident(), claimed, telephone.twilio, again=False)
    [call] = telephone.network.calls(PAGE.number)
    telephone.network.due(following := telephone.network.next_due() or telephone.now)
    telephone.network.pick_up(call.sid, following)
    telephone.now = following
    assert voice.find(claimed, telephone.twilio, set()) == call.sid
    assert voice.find(claimed, telephone.twilio, {call.sid}) is None
    assert voice.find(replace(PAGE, begun_at=None), telephone.twilio, set()) is None


def test_a_lost_call_that_nobody_picked_up_is_found_too() -> None:
    telephone = Telephone()
    claimed = replace(PAGE, begun_at=telephone.now)
    telephone.breaks(Kind.LOST_AFTER)
    with pytest.raises(Uncertain):
        voice.send(incident(), claimed, telephone.twilio, again=False)
    telephone.settle()
    assert voice.find(claimed, telephone.twilio, set()) is not None
