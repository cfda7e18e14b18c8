"""Who may call a function of ours: tokens of one account for one address, signed by Google; every other is refused."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from tests.clients.google import Google, key, segment, token
from tocsin.clients.identity import AGAIN, KEPT, LEEWAY, LONGEST, REMOVED, Caller
from tocsin.errors import Forbidden, Unavailable

NOW = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
ACCOUNT = "tocsin-by-tasks@pager-123.iam.gserviceaccount.com"
AUDIENCE = "https://europe-west1-pager-123.cloudfunctions.net/notify"
HOUR = 3600


def claims(**other: Any) -> dict[str, Any]:
    """Gives what Google says of Cloud Tasks' account, as of a token that was made a minute ago."""
    at = int(NOW.timestamp())
    said = {
        "aud": AUDIENCE,
        "azp": "113774264463038321964",
        "email": ACCOUNT,
        "email_verified": True,
        "exp": at - 60 + HOUR,
        "iat": at - 60,
        "iss": "https://accounts.google.com",
        "sub": "113774264463038321964",
    }
    return {name: value for name, value in {**said, **other}.items() if value is not None}


def unsigned(said: Mapping[str, Any], signature: str = "", **header: Any) -> str:
    return f"{segment({'alg': 'RS256', 'kid': 'first', **header})}.{segment(said)}.{signature}"


def by_the_public_key() -> str:
    """Gives a token whose "secret" is what everybody knows: Google's own public key."""
    public = key("first").public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    content = unsigned(claims(), alg="HS256").rpartition(".")[0]
    return f"{content}.{segment(hmac.digest(pem, content.encode(), hashlib.sha256))}"


def spliced() -> str:
    """Gives the claims of one token with the signature of another."""
    return f"{unsigned(claims()).rpartition('.')[0]}.{token(claims(email='eve@evil.example')).rpartition('.')[2]}"


AT = int(NOW.timestamp())
FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: unsigned(claims(), "x", alg="none"),
    "alg None": lambda: unsigned(claims(), "x", alg="None"),
    "no signature": lambda: unsigned(claims()),
    "HS256 with the public key": by_the_public_key,
    "ES256 said, RS256 done": lambda: token(claims(), alg="ES256"),
    "RS512 said": lambda: token(claims(), alg="RS512"),
    "no algorithm": lambda: token(claims(), alg=None),
    "other issuer": lambda: token(claims(iss="https://accounts.evil.example")),
    "an issuer that only begins so": lambda: token(claims(iss="https://accounts.google.com.evil.example")),
    "issuers in a list": lambda: token(claims(iss=["https://accounts.google.com"])),
    "no issuer": lambda: token(claims(iss=None)),
    "other audience": lambda: token(claims(aud="https://evil.example")),
    "another function's audience": lambda: token(claims(aud=AUDIENCE.replace("notify", "route"))),
    "an audience that only begins so": lambda: token(claims(aud=AUDIENCE + "/")),
    "audiences in a list": lambda: token(claims(aud=[AUDIENCE])),
    "no audience": lambda: token(claims(aud=None)),
    "other account": lambda: token(claims(email="tocsin-by-pubsub@pager-123.iam.gserviceaccount.com")),
    "the same account of another project": lambda: token(claims(email=ACCOUNT.replace("123", "124"))),
    "no account": lambda: token(claims(email=None)),
    "email not verified": lambda: token(claims(email_verified=False)),
    "email verified in words": lambda: token(claims(email_verified="true")),
    "nothing about the email": lambda: token(claims(email_verified=None)),
    "expired": lambda: token(claims(exp=AT - LEEWAY)),
    "never expires": lambda: token(claims(exp=None)),
    "expires in words": lambda: token(claims(exp="tomorrow")),
    "expires at no number": lambda: token(claims(exp=float("nan"))),
    "not yet valid": lambda: token(claims(iat=AT + LEEWAY + 1)),
    "not before later": lambda: token(claims(nbf=AT + LEEWAY + 1)),
    "issued at no time": lambda: token(claims(iat=None)),
    "unknown key": lambda: token(claims(), "nobodys"),
    "another key under a known name": lambda: token(claims(), "nobodys", kid="first"),
    "no key's name": lambda: token(claims(), kid=None),
    "a key's name that is none": lambda: token(claims(), kid=["first"]),
    "a key of its own": lambda: token(claims(), "nobodys", jku="https://evil.example/keys", jwk={"kty": "RSA"}),
    "signature of another token": spliced,
    "signature cut short": lambda: token(claims())[:-20],
    "truncated": lambda: token(claims()).rpartition(".")[0],
    "one part more": lambda: token(claims()) + ".e30",
    "empty parts": lambda: "..",
    "not JSON": lambda: f"{segment(b'{')}.{segment(b'{')}.{segment(b'x')}",
    "JSON that is deep": lambda: f"{segment(b'[' * 2000)}.{segment(b'{}')}.{segment(b'x')}",
    "claims that are no object": lambda: f"{segment({'alg': 'RS256', 'kid': 'first'})}.{segment([])}.{segment(b'x')}",
    "half a letter": lambda: "a.a.a",
    "very long": lambda: token(claims(more="x" * LONGEST)),
    "signature taken away": lambda: unsigned(claims(), REMOVED),
}

HEADERS: dict[str, str | None] = {
    "no header": None,
    "an empty one": "",
    "only the scheme": "Bearer",
    "a password": "Basic dG9jc2luOnRvY3Npbg==",
    "no scheme": token(claims()),
    "two tokens": f"Bearer {token(claims())}, Bearer {token(claims())}",
    "something behind it": f"Bearer {token(claims())} x",
    "a line end": f"Bearer {token(claims())}\n",
}


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def caller(google: Google) -> Caller:
    return Caller(ACCOUNT, AUDIENCE, google.certificates())


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_token_of_the_account_for_the_function_is_believed(caller: Caller, issuer: str, scheme: str) -> None:
    caller.check(f"{scheme} {token(claims(iss=issuer))}", NOW)


def test_two_clocks_may_differ_a_little(caller: Caller) -> None:
    caller.check(f"Bearer {token(claims(exp=AT - LEEWAY + 1, iat=AT + LEEWAY, nbf=AT + LEEWAY))}", NOW)


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_token_is_refused_in_words_that_hold_nothing_of_it(caller: Caller, case: str) -> None:
    forged = FORGED[case]()
    with pytest.raises(Forbidden) as refused:
        caller.check(f"Bearer {forged}", NOW)
    assert not [part for part in forged.split(".") if len(part) > 3 and part in str(refused.value)]


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_that_is_not_one_token_is_refused(caller: Caller, case: str) -> None:
    with pytest.raises(Forbidden, match="has no identity token"):
        caller.check(HEADERS[case], NOW)


# Behind Cloud Run, which takes the signature of a token that it has checked away

CLAIMED = ["other issuer", "other audience", "another function's audience", "other account", "email not verified",
           "expired", "not yet valid"]  # fmt: skip


@pytest.fixture
def behind(google: Google) -> Caller:
    return Caller(ACCOUNT, AUDIENCE, google.certificates(), platform_checks=True)


def test_behind_cloud_run_a_token_needs_no_signature_and_nobody_is_asked(behind: Caller, google: Google) -> None:
    behind.check(f"Bearer {unsigned(claims(), REMOVED)}", NOW)
    assert google.asked == 0


@pytest.mark.parametrize("case", CLAIMED)
def test_behind_cloud_run_everything_else_is_held_against_the_token(behind: Caller, case: str) -> None:
    forged = FORGED[case]().rpartition(".")[0]
    with pytest.raises(Forbidden):
        behind.check(f"Bearer {forged}.{REMOVED}", NOW)


@pytest.mark.parametrize("case", [case for case in FORGED if case != "signature taken away"])
def test_behind_cloud_run_a_signature_that_arrives_is_checked(behind: Caller, case: str) -> None:
    with pytest.raises(Forbidden):
        behind.check(f"Bearer {FORGED[case]()}", NOW)
    behind.check(f"Bearer {token(claims())}", NOW)


# Google's certificates


def good(at: datetime = NOW, name: str = "first") -> str:
    """Gives a token that is good at a time."""
    return f"Bearer {token(claims(iat=int(at.timestamp()), exp=int(at.timestamp()) + HOUR), name)}"


def test_certificates_are_asked_for_as_seldom_as_google_says(caller: Caller, google: Google) -> None:
    for seconds in range(0, HOUR, 60):
        caller.check(good(NOW + timedelta(seconds=seconds)), NOW + timedelta(seconds=seconds))
    assert google.asked == 1
    caller.check(good(NOW + timedelta(seconds=HOUR)), NOW + timedelta(seconds=HOUR))
    assert google.asked == 2


def test_the_time_an_answer_lay_in_a_cache_counts(caller: Caller, google: Google) -> None:
    google.age = "3000"
    caller.check(good(), NOW)
    later = NOW + timedelta(seconds=599)
    caller.check(good(later), later)
    assert google.asked == 1
    caller.check(good(later), later + timedelta(seconds=1))
    assert google.asked == 2


def test_a_new_key_is_looked_for_at_once(caller: Caller, google: Google) -> None:
    caller.check(good(), NOW)
    google.keys = ["first", "second"]
    later = NOW + AGAIN
    caller.check(good(later, "second"), later)
    assert google.asked == 2


def test_a_thousand_unknown_keys_are_one_question(caller: Caller, google: Google) -> None:
    caller.check(good(), NOW)
    later = NOW + AGAIN
    for number in range(1000):
        with pytest.raises(Forbidden):
            caller.check(f"Bearer {unsigned(claims(), 'eA', kid=str(number))}", later)
    assert google.asked == 2
    caller.check(good(later), later)


def test_a_key_that_google_withdraws_is_not_believed_any_more(caller: Caller, google: Google) -> None:
    caller.check(good(), NOW)
    google.keys = ["second"]
    later = NOW + timedelta(seconds=HOUR)
    with pytest.raises(Forbidden, match="no key of Google's"):
        caller.check(good(later), later)


def _away(google: Google) -> None:
    google.away = True


TROUBLE: dict[str, Callable[[Google], object]] = {
    "away": _away,
    "in trouble": lambda google: setattr(google, "status", 503),
    "gone elsewhere": lambda google: setattr(google, "status", 302),
    "not JSON": lambda google: setattr(google, "body", "<html>"),
    "no object": lambda google: setattr(google, "body", "[]"),
    "empty": lambda google: setattr(google, "body", "{}"),
    "no texts": lambda google: setattr(google, "body", json.dumps({"first": 7})),
}


@pytest.mark.parametrize("case", TROUBLE)
def test_while_google_cannot_be_asked_known_keys_go_on_for_a_day(caller: Caller, google: Google, case: str) -> None:
    caller.check(good(), NOW)
    TROUBLE[case](google)
    for hours in (1, 12, 23):
        later = NOW + timedelta(hours=hours)
        caller.check(good(later), later)
    late = NOW + KEPT
    with pytest.raises(Unavailable, match="none is known that is young enough"):
        caller.check(good(late), late)


@pytest.mark.parametrize("case", TROUBLE)
def test_before_anything_is_known_the_call_is_asked_for_again(caller: Caller, google: Google, case: str) -> None:
    TROUBLE[case](google)
    for _ in range(100):
        with pytest.raises(Unavailable):
            caller.check(good(), NOW)
    assert google.asked == 1
    google.away, google.status, google.body = False, 200, ""
    caller.check(good(), NOW + AGAIN)


def test_whether_a_key_is_new_is_left_open_while_google_is_away(caller: Caller, google: Google) -> None:
    caller.check(good(), NOW)
    google.away = True
    with pytest.raises(Unavailable, match="whether it is new cannot be asked"):
        caller.check(good(NOW + AGAIN, "second"), NOW + AGAIN)
    caller.check(good(NOW + AGAIN), NOW + AGAIN)


def test_a_certificate_that_is_none_proves_nothing(caller: Caller, google: Google) -> None:
    google.body = json.dumps({"first": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"})
    with pytest.raises(Unavailable, match="certificate cannot be read"):
        caller.check(good(), NOW)
