"""A link in a text opens one page, for a day: signed, so that nobody can make one, and asking nothing to be kept."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tocsin.domain.identity import is_id
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import Notification

LIFETIME = timedelta(hours=24)

_BYTES = 16  # of the signature: a text is short, and nobody guesses 128 bits
_FORM = re.compile(r"([A-Za-z0-9_-]{1,300})\.([0-9a-f]{1,10})\.([A-Za-z0-9_-]{22})", re.ASCII)


def made(public_url: str, secret: str, notification: Notification) -> str:
    """Give the link to a page, the same each time it is sent; none without a secret.

    The page names the incident, the episode and the person it was made for, so that these are signed with it.
    """
    if not secret or not notification.begun_at:
        return ""
    expires = int((notification.begun_at + LIFETIME).timestamp())
    return f"{public_url}/reply/page/{token(secret, notification.id, expires)}"


def token(secret: str, notification: str, expires: int) -> str:
    """Give what the link ends in."""
    said = f"{notification}.{expires:x}"
    return f"{said}.{_signature(secret, said)}"


def read(shown: str, secrets: Iterable[str], now: datetime) -> tuple[str, bool] | None:
    """Give the id of the page that a link opens and whether the link still holds; nothing for one we did not make."""
    found = _FORM.fullmatch(shown)
    if not found or not is_id(found[1]):
        return None
    said, signature = f"{found[1]}.{found[2]}", found[3].encode()
    genuine = [hmac.compare_digest(signature, _signature(secret, said).encode()) for secret in secrets if secret]
    if not any(genuine):
        return None
    return found[1], now < datetime.fromtimestamp(int(found[2], 16), UTC)


def _signature(secret: str, said: str) -> str:
    digest = hmac.new(secret.encode(), f"page|{said}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_BYTES]).decode().rstrip("=")


def answers(notification: Notification, incident: Incident) -> bool:
    """Say whether the page still is the one to answer: it or its acknowledgement, but nothing that came after."""
    if incident.merged_into:
        return False
    later = incident.status is Status.ACKNOWLEDGED and not incident.snoozed_until
    return incident.episode in ({notification.episode, notification.episode + 1} if later else {notification.episode})
