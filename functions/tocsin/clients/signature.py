"""Twilio's signature: proof that a callback comes from our account."""

from collections.abc import Sequence

from twilio.request_validator import RequestValidator


class _Pairs(dict[str, list[str]]):
    """A form as the validator wants it: every value of a name, in whatever order."""

    def getlist(self, name: str) -> list[str]:
        """Give all values of a name."""
        return self[name]


def authentic(url: str, pairs: Sequence[tuple[str, str]], signature: str | None, tokens: Sequence[str]) -> bool:
    """Say whether one of the tokens signed this form for this URL (without fragment, as Twilio signs it).

    Two tokens, so that one can be exchanged without losing a reply. A missing signature is simply not authentic.
    """
    if not signature or not signature.isascii():
        return False
    form = _Pairs()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return any(RequestValidator(token).validate(url, form, signature) for token in tokens if token)
