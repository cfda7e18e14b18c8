"""Signs as Sentry and Grafana do, and as somebody who does not know the secret."""

import hashlib
import hmac

import pytest

from tocsin import sources
from tocsin.errors import Forbidden
from tocsin.sources import Posted

SECRET, BODY = "the-client-secret", '{"action": "created", "data": {"issue": {"title": "é"}}}'.encode()
HEADERS = {"sentry": "sentry-hook-signature", "grafana": "x-grafana-alerting-signature"}

signing = pytest.mark.parametrize("source", HEADERS)


def proof(signed: bytes = BODY, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check(source: str, headers: dict[str, str], raw: bytes = BODY, options: dict[str, str] | None = None) -> str:
    posted = Posted({}, path=source, raw=raw, headers=headers, options={"secret": SECRET, **(options or {})})
    return sources.load(source).check(posted)


@signing
def test_what_is_signed_with_the_secret_is_taken(source: str) -> None:
    assert check(source, {HEADERS[source]: proof()}) == ""
    assert check(source, {HEADERS[source]: f" {proof().upper()} "}) == ""


@signing
def test_without_a_secret_the_key_in_the_address_is_enough(source: str) -> None:
    assert sources.load(source).check(Posted({}, path=source, raw=BODY)) == ""
    assert check(source, {}, options={"secret": ""}) == ""


@signing
@pytest.mark.parametrize(
    "forged",
    ["", "0" * 64, proof(secret="guess"), proof(BODY + b" "), proof()[:-1], f"sha256={proof()}", "é" * 64, "\x00"],
)
def test_anything_else_is_forbidden(source: str, forged: str) -> None:
    with pytest.raises(Forbidden, match="not signed with the secret") as refusal:
        check(source, {HEADERS[source]: forged})
    assert SECRET not in str(refusal.value)
    with pytest.raises(Forbidden):
        check(source, {})


@signing
def test_the_other_tools_header_proves_nothing(source: str) -> None:
    (other,) = (header for name, header in HEADERS.items() if name != source)
    with pytest.raises(Forbidden):
        check(source, {other: proof()})


@signing
def test_one_changed_byte_of_the_body_breaks_the_signature(source: str) -> None:
    for position in range(len(BODY)):
        changed = BODY[:position] + bytes([BODY[position] ^ 1]) + BODY[position + 1 :]
        with pytest.raises(Forbidden):
            check(source, {HEADERS[source]: proof()}, changed)


def test_grafana_signs_its_timestamp_with_the_body_if_it_sends_one() -> None:
    options = {"timestamp_header": "X-Grafana-Alerting-Timestamp"}
    headers = {HEADERS["grafana"]: proof(b"1767225600:" + BODY), "x-grafana-alerting-timestamp": "1767225600"}
    assert check("grafana", headers, options=options) == ""
    for wrong in ({**headers, "x-grafana-alerting-timestamp": "1767225601"}, {HEADERS["grafana"]: proof()}):
        with pytest.raises(Forbidden):
            check("grafana", wrong, options=options)
