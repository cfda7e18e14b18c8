"""Where Twilio calls us back about a notification; signed as they stand here, but for the fragment."""

from urllib.parse import quote

REPEAT = "#rc=3&rp=5xx,ct,rt"
"""Asks Twilio to repeat a callback three times on 5xx, connect and read time-outs. It does not sign the fragment."""


def url(public_url: str, path: str, notification: str) -> str:
    """Give the URL of `reply`: "status" for receipts, "voice" for keys."""
    return f"{public_url}/reply/{path}?n={quote(notification)}{REPEAT}"
