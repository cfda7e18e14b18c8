"""Believes who calls a function of ours: an identity token that Google signs for one service account, no other."""

import base64
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests

from tocsin.errors import Forbidden, Unavailable

CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
CONNECT, READ = 2.0, 3.0
"""Seconds; Pub/Sub and Cloud Tasks wait meanwhile."""
AGAIN = timedelta(seconds=10)  # between two questions, however many tokens show a key that nobody knows
KEPT = timedelta(hours=24)  # after which certificates are not believed any more if Google cannot be asked
LEEWAY = 30  # seconds that Google's clock and ours may be apart
LONGEST = 4096  # characters; Google's tokens have about 900

REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What Cloud Run puts in place of the signature of a token that it has checked, so that it serves nobody a second time:
https://cloud.google.com/run/docs/troubleshooting#signature-removed"""

_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)")
_FRESH = re.compile(r"max-age=([0-9]{1,9})")
_OK = 200


class Certificates:
    """Google's certificates by the id of their key: asked for as seldom as Google says, and kept while it is away."""

    def __init__(self, url: str = CERTIFICATES, session: requests.Session | None = None) -> None:
        """Ask nobody yet."""
        self._url = url
        self._session = session or requests.Session()
        self._known: Mapping[str, str] = {}
        self._read_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._fresh_until: datetime | None = None
        self._lock = threading.Lock()

    def of(self, key: str, now: datetime) -> str:
        """Give the certificate of a key in PEM; raises Forbidden if it is none of Google's, Unavailable if unsure."""
        with self._lock:
            if self._fresh_until is None or now >= self._fresh_until or key not in self._known:
                self._ask(now)
            if self._read_at is None or now >= self._read_at + KEPT:
                raise Unavailable("Google's certificates cannot be read, and none is known that is young enough")
            if key not in self._known and self._read_at != self._asked_at:
                raise Unavailable("the token's key is unknown, and whether it is new cannot be asked just now")
            if key not in self._known:
                raise Forbidden("no key of Google's signed the token")
            return self._known[key]

    def _ask(self, now: datetime) -> None:
        if self._asked_at is not None and now < self._asked_at + AGAIN:
            return
        self._asked_at = now
        try:
            answer = self._session.get(self._url, timeout=(CONNECT, READ), allow_redirects=False)
            found = answer.json() if answer.status_code == _OK else None
        except (requests.RequestException, ValueError):
            return
        if isinstance(found, dict) and found and all(isinstance(one, str) for one in found.values()):
            self._known, self._read_at, self._fresh_until = found, now, now + _lifetime(answer.headers)


def _lifetime(headers: Mapping[str, str]) -> timedelta:
    """Give how long an answer stays fresh, less the time it lay in caches on its way."""
    said, age = _FRESH.search(headers.get("Cache-Control", "")), headers.get("Age", "")
    seconds = int(said[1]) if said else 0
    return timedelta(seconds=max(0, seconds - (int(age) if age.isdecimal() else 0)))


@dataclass(frozen=True)
class Caller:
    """The one `account` (its e-mail address) that may call, with tokens made for the one `audience`, its URL.

    With `platform_checks` Cloud Run has checked each token before and taken its signature away: a token without one is
    then held against everything else that it says.
    """

    account: str
    audience: str
    certificates: Certificates
    platform_checks: bool = False

    def check(self, authorization: str | None, now: datetime) -> None:
        """Return if the header proves it; raises Forbidden if it does not, Unavailable if that cannot be told now.

        No message holds anything of the token.
        """
        shown = _BEARER.fullmatch(authorization or "") if len(authorization or "") <= LONGEST else None
        if not shown:
            raise Forbidden("the call has no identity token")
        header, claims = _read(shown[1])
        signature = shown[1].rpartition(".")[2]
        if not (self.platform_checks and signature == REMOVED):
            self._signed(shown[1], header, now)
        if reason := self._refusal(claims, now.timestamp()):
            raise Forbidden(reason)

    def _signed(self, token: str, header: Mapping[str, Any], now: datetime) -> None:
        from google.auth.crypt import RSAVerifier, verify_signature

        key = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(key, str):
            raise Forbidden("the token is not signed with RS256 by a key that has a name")
        certificate = self.certificates.of(key, now)
        content, _, signature = token.rpartition(".")
        try:
            genuine = verify_signature(content.encode(), _decoded(signature), certificate, RSAVerifier)  # type: ignore[no-untyped-call]
        except (TypeError, ValueError) as error:
            raise Unavailable("Google's certificate cannot be read") from error
        if not genuine:
            raise Forbidden("the token's signature is not Google's")

    def _refusal(self, claims: Mapping[str, Any], now: float) -> str:
        """Say what is wrong with the claims of a token that is genuine; nothing if it is the one we wait for."""
        issued, expires, begins = (_seconds(claims.get(name, other)) for name, other in _TIMES)
        if claims.get("iss") not in _ISSUERS:
            return "the token is not issued by Google"
        if claims.get("aud") != self.audience:
            return f"the token is for another audience than {self.audience}"
        if claims.get("email") != self.account or claims.get("email_verified") is not True:
            return f"the token is not that of {self.account}"
        if expires + LEEWAY <= now:
            return "the token has expired"
        if max(issued, begins) - LEEWAY > now:
            return "the token is not valid yet"
        return ""


# A missing time lies where it refuses the token; only "not before" may be missing.
_NEVER, _ALWAYS = float("inf"), float("-inf")
_TIMES = (("iat", _NEVER), ("exp", _ALWAYS), ("nbf", _ALWAYS))


def _seconds(value: object) -> float:
    """Give a time of a token; whatever is no number is neither before nor after anything, which must refuse it."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value:  # noqa: PLR0124 - not a NaN
        return value
    raise Forbidden("the token's times are no numbers")


def _read(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Give the header and the claims, whoever may have written them."""
    from google.auth import jwt

    try:
        return jwt.decode_header(token), jwt.decode(token, verify=False)  # type: ignore[no-untyped-call]
    except (ValueError, RecursionError) as error:
        raise Forbidden("the identity token cannot be read") from error


def _decoded(signature: str) -> bytes:
    return base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
