"""Proof that a callback is Twilio's: signed over our URL and the whole form, with a token of ours."""

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.clients.signature import authentic

TOKEN, SECOND_TOKEN = "the token", "the next token"
URL = "https://pager.example/reply/sms?n=i1"
FORM = [("AccountSid", "AC1"), ("Body", "ack 4821"), ("From", "+15550100101")]
REAL = Path(__file__).parents[3] / "shared" / "payloads" / "twilio" / "06-voice-gather-digits-signed.json"


def signed(url: str, form: list[tuple[str, str]], token: str = TOKEN) -> str:
    """Sign as Twilio documents it, without Twilio's library: the URL, then names and values sorted by name."""
    text = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


GOOD = signed(URL, FORM)


def test_what_twilio_signed_is_authentic_in_whatever_order_it_comes() -> None:
    assert authentic(URL, FORM, GOOD, [TOKEN])
    assert authentic(URL, FORM[::-1], GOOD, [TOKEN])


def test_either_token_is_good_so_that_one_can_be_exchanged() -> None:
    for tokens in ([TOKEN, SECOND_TOKEN], [SECOND_TOKEN, TOKEN]):
        assert authentic(URL, FORM, GOOD, tokens)
        assert authentic(URL, FORM, signed(URL, FORM, SECOND_TOKEN), tokens)


@pytest.mark.parametrize("tokens", [[], [""], ["", ""], ["wrong"], [TOKEN.upper()], [SECOND_TOKEN]])
def test_without_the_token_nothing_is_authentic(tokens: list[str]) -> None:
    assert not authentic(URL, FORM, GOOD, tokens)
    assert not authentic(URL, FORM, signed(URL, FORM, ""), tokens)


@pytest.mark.parametrize(
    "signature", [None, "", " ", "x", GOOD[:-1], GOOD + " x", GOOD.lower(), "é" + GOOD, "\u0661", "=" * 28]
)
def test_a_missing_or_odd_signature_is_not_authentic(signature: str | None) -> None:
    assert not authentic(URL, FORM, signature, [TOKEN])


@pytest.mark.parametrize(
    "url",
    [
        "http://pager.example/reply/sms?n=i1",
        "https://other.example/reply/sms?n=i1",
        "https://pager.example/reply/voice?n=i1",
        "https://pager.example/reply/sms?n=i2",
        "https://pager.example/reply/sms",
        "https://pager.example/reply/sms?n=i1&m=2",
        "https://pager.example/reply/sms/?n=i1",
    ],
)
def test_another_url_is_not_authentic(url: str) -> None:
    assert not authentic(url, FORM, GOOD, [TOKEN])


def test_the_usual_port_may_be_named_or_not() -> None:
    assert authentic(URL, FORM, signed("https://pager.example:443/reply/sms?n=i1", FORM), [TOKEN])
    assert not authentic(URL, FORM, signed("https://pager.example:80/reply/sms?n=i1", FORM), [TOKEN])


@pytest.mark.parametrize(
    "form",
    [
        [],
        FORM[:2],
        [*FORM, ("Digits", "4")],
        [FORM[0], ("Body", "resolve 4821"), FORM[2]],
        [FORM[0], FORM[1], ("From", "+15550100102")],
        [*FORM, ("Body", "resolve 4821")],
    ],
)
def test_another_form_is_not_authentic(form: list[tuple[str, str]]) -> None:
    assert not authentic(URL, form, GOOD, [TOKEN])


def test_a_form_in_any_language_is_signed_as_utf_8() -> None:
    form = [("Body", "läuft \N{FIRE} \u0661"), ("From", "+15550100101"), ("Empty", "")]
    assert authentic(URL, form, signed(URL, form), [TOKEN])


@pytest.mark.skipif(not REAL.exists(), reason="the example of Twilio's own tests is not beside the checkout")
def test_twilios_own_example_has_its_published_signature() -> None:
    """The form, URL, token and signature that Twilio documents for its validator."""
    form = list(json.loads(REAL.read_text()).items())
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert authentic(url, form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", ["12345"])
    assert not authentic(url, form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", ["12346"])


@given(form=st.lists(st.tuples(st.text(), st.text())), signature=st.none() | st.text())
@settings(deadline=None)
def test_no_form_and_no_signature_is_ever_more_than_not_authentic(
    form: list[tuple[str, str]], signature: str | None
) -> None:
    assert not authentic(URL, form, signature, [TOKEN])
