"""No secret is in the repository, neither in what is there nor in what was: whoever reads it has no key to anything."""

import subprocess

import pytest

from tests.leaks import compiled, matching
from tests.test_architecture import ROOT

FORMS = compiled(
    {
        "a private key": (("PRIVATE KEY",), r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
        "a service account's key": (("private_key_id",), r"\"private_key_id\": *\"[0-9a-f]{40}"),
        "a key of Google's": (("AIza", "ya29."), r"\bAIza[\w-]{35}|\bya29\.[\w-]{20}"),
        "a key of Amazon's": (("AKIA", "ASIA"), r"\bA[KS]IA[0-9A-Z]{16}\b"),
        "a token of GitHub's": (("gh", "github_pat_"), r"\bgh[pousr]_\w{36}|\bgithub_pat_\w{22}"),
        "a token of Slack's": (("xox",), r"\bxox[abprs]-[\w-]{10}"),
        "an API key of Twilio's": (("SK",), r"\bSK[0-9a-f]{32}\b"),
        "a key of Stripe's or SendGrid's": (("k_live_", "SG."), r"\b[rs]k_live_\w{10}|\bSG\.[\w-]{22}\."),
        "an identity token": (("eyJ",), r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
        "a key of ours": (("tocsin",), r"\btocsin[a-z2-7]{26}\b"),
        "a password in a URL": (("://",), r"://[^/\s:@\"'{}<>]+:[^/\s@\"'{}<>]+@"),
        "32 digits that are called a secret": (
            ("oken", "ecret", "assword", "OKEN", "ECRET", "ASSWORD"),
            r"(?i)(?:token|secret|password)[\w\"']{0,20}\s*[:=]\s*[\"']?[0-9a-f]{32}\b",
        ),
    }
)
MADE_UP = (
    "tocsinbuqkowxjob4e2fcppnjh2rz56b",
    "eyJhbGciOiJSUzI1NiJ9.eyJlbWFpbCI6Im1lQGV4YW1wbGUub3JnIn0.c2lnbmF0dXJl",
    "0123456789abcdef0123456789abcdef",
    "user:pass@",
)
"""What the tests of the log and of addresses are made with."""


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout.decode(errors="replace")


def secrets(text: str) -> list[str]:
    for one in MADE_UP:
        text = text.replace(one, "")
    return matching(text, FORMS)


def test_no_file_holds_a_secret() -> None:
    names = git("ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    texts = {name: (ROOT / name).read_text(errors="replace") for name in names if (ROOT / name).is_file()}
    assert len(texts) > 100
    assert {name: found for name, text in texts.items() if (found := secrets(text))} == {}


def test_none_ever_did() -> None:
    """What was once committed stays with whoever has fetched it: it is taken back where it was given out."""
    assert secrets(git("log", "--all", "--patch", "--format=%H", "--no-ext-diff", "--no-textconv")) == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        f'"private_key_id": "{"0f" * 20}"',
        "AIza" + "b" * 35,
        "aws_access_key_id = AKIA" + "ABCDEFGH" * 2,
        "ghp_" + "a" * 36,
        "xoxb-" + "1" * 12,
        "SK" + "0f" * 16,
        "sk_live_" + "a" * 24,
        "Bearer eyJhbGciOiJub25lIn0" + ".eyJlbWFpbCI6ImEifQ" + ".c2lnbmVkLWJ5LW1l",
        "/ingest/generic/tocsin" + "a2b3c4d5" * 3 + "ef",
        "https://alice:" + "opensesame@pager.example",
        'TWILIO_AUTH_TOKEN="' + "9f" * 16 + '"',
    ],
)
def test_a_secret_would_be_seen(text: str) -> None:
    assert len(secrets(f"before\n{text}\nafter")) == 1
