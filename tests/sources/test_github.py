"""Lets in what GitHub signed with the integration's secret, to the byte."""

import hashlib
import hmac

import pytest

from tocsin.errors import Forbidden
from tocsin.sources import Posted, github

BODY = b'{"zen": "Speak like a human."}'


def posted(secret: str, signature: str | None, raw: bytes = BODY) -> Posted:
    headers = {} if signature is None else {"x-hub-signature-256": signature}
    return Posted({}, path="github", options={"secret": secret} if secret else {}, headers=headers, raw=raw)


def signature(body: bytes = BODY, key: str = "hush") -> str:
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def test_githubs_own_example_of_a_signature_is_right() -> None:
    made = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    github.check(posted("It's a Secret to Everybody", made, b"Hello, World!"))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        "sha256=",
        signature(b"{}"),
        signature(key="another"),
        "sha256=é",
        signature() + "0",
    ],
)
def test_what_is_not_signed_with_the_secret_is_forbidden(wrong: str | None) -> None:
    with pytest.raises(Forbidden):
        github.check(posted("hush", wrong))


def test_without_a_secret_anything_goes() -> None:
    github.check(posted("", None))
    github.check(posted("", "sha256=nonsense"))
