"""Says whether the phones are the ones on the page or real ones, and what is missing before an answer comes back."""

from collections.abc import Mapping
from urllib.parse import urlsplit

TWILIO = "https://api.twilio.com"
PARTS = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM_NUMBER", "TWILIO_API_URL")
HERE = {"127.0.0.1", "localhost", "::1"}


def phones(found: Mapping[str, str]) -> str:
    """Say where texts and calls go, by what the environment had before ours was added."""
    url = found.get("TWILIO_API_URL")
    if not url:
        return "on this page"
    return f"{'those of another Twilio' if _is_here(url) else 'real ones'}, through {url}"


def warning(found: Mapping[str, str]) -> str:
    """Say what is wrong with the account that was found, in a sentence; nothing when nothing is."""
    there = [name for name in PARTS if found.get(name)]
    missing = [name for name in PARTS if name not in there]
    api, public = found.get("TWILIO_API_URL", ""), found.get("PUBLIC_URL", "")
    if there and missing:
        return f"Only a part of a Twilio account is set: {_listed(missing)} {_are(missing)} missing{_remedy(missing)}."
    if there and not _is_here(api) and (not public or _is_here(public)):
        return (
            f"PUBLIC_URL is {public or 'not set'}: Twilio cannot reach this pager, and nobody's answer comes back; "
            "set it to the address on the internet that leads here."
        )
    return ""


def _remedy(missing: list[str]) -> str:
    return f", and nothing leaves this machine without TWILIO_API_URL={TWILIO}" if "TWILIO_API_URL" in missing else ""


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in HERE


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _are(names: list[str]) -> str:
    return "are" if len(names) > 1 else "is"
