"""Checks bodies that are signed with a secret which the integration's options know too."""

import hashlib
import hmac

from tocsin.errors import Forbidden
from tocsin.sources import Posted


def check(posted: Posted, header: str, signed: bytes, prefix: str = "") -> str:
    """Raise Forbidden unless `header` has the HMAC-SHA256 of `signed` in hexadecimal; without a `secret` anything does.

    Some senders put a `prefix` before it. Gives nothing, since nothing has to be fetched.
    """
    if secret := posted.options.get("secret"):
        proof = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        given = posted.headers.get(header, "").strip().lower().removeprefix(prefix)
        if not hmac.compare_digest(proof.encode(), given.encode(errors="replace")):
            raise Forbidden(f"The body is not signed with the secret in the integration's options (header {header}).")
    return ""
