"""An integration's key is a secret of 128 random bits, shown once; what is kept of it is its SHA-256 alone."""

import base64
import hashlib

BYTES = 17  # 136 bits: 26 letters of base 32 hold the first 130 of them
PREFIX = "tocsin"
"""What looks for secrets can know one by it; with it a key has the 32 characters that PagerDuty's clients insist on."""

_LETTERS = 26


def key(drawn: bytes) -> str:
    """Give the key that is made of BYTES random bytes."""
    return PREFIX + base64.b32encode(drawn).decode().lower()[:_LETTERS]


def digest(key: str) -> str:
    """Give what is kept of a key, and what a key is looked up by.

    No slow hash: that is for secrets that people choose, and these have nothing to guess; at the door it would only let
    strangers keep us busy. Being looked up by its hash, a key that is nearly right is as far off as any other.
    """
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
