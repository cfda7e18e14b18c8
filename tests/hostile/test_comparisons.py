"""What is secret is compared in constant time: no `==`, no `in`, anywhere in what is deployed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin import errors

DEPLOYED = Path(errors.__file__).parent
SECRET = {"secret", "token", "signature", "digest", "hash", "hmac", "proof", "password"}
"""The last word of a name that holds one, or several."""
ALONE = {"key", "keys", "code", "codes"}
"""Those that are one only when they are the whole name: a dedup key and a status code are none."""
BY_VALUE = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)

NONE = {
    ("clients/identity.py", "key"): "the name of a public key of Google's",
    ("clients/identity.py", "signature"): "the word that Cloud Run puts in place of one it has checked",
    ("clients/pubsub.py", "code"): "a status of gRPC",
    ("domain/answers.py", "code"): "held against those that were looked up under a hash of number and code",
    ("domain/chain.py", "hash"): "the audit's own, which whoever reads it can compute",
    ("domain/matchers.py", "code"): "a character's",
    ("domain/thresholds.py", "key"): "a dedup key",
    ("meaning.py", "code"): "one of those that were looked up",
    ("reopen.py", "keys"): "dedup keys",
    ("send.py", "code"): "Twilio's, of an error",
    ("sources/goalert.py", "token"): "the name of a field",
}


def named(node: ast.expr) -> Iterator[str]:
    """Gives every name that has a part in an expression, or that it asks a document for."""
    for each in ast.walk(node):
        found = getattr(each, "id", None) or getattr(each, "attr", None) or getattr(each, "value", None)
        if isinstance(found, str) and found.isidentifier():
            yield found


def is_secret(name: str) -> bool:
    last = name.strip("_").casefold().split("_")[-1]
    return name in ALONE or last in SECRET or last.removesuffix("s") in SECRET or last == "hashes"


def compared(source: str) -> Iterator[tuple[int, str]]:
    """Gives the line of each comparison by value that a secret has a part in, and the secret's name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(each, BY_VALUE) for each in node.ops):
            yield from ((node.lineno, name) for name in named(node) if is_secret(name))


@pytest.mark.parametrize("path", sorted(DEPLOYED.rglob("*.py")), ids=lambda path: str(path.relative_to(DEPLOYED)))
def test_nothing_secret_is_compared_in_a_time_that_says_how_much_of_it_was_right(path: Path) -> None:
    file = str(path.relative_to(DEPLOYED))
    found = [(line, name) for line, name in compared(path.read_text(encoding="utf-8")) if (file, name) not in NONE]
    assert not found, f"{file} compares these; hmac.compare_digest does it in constant time: {found}"


def test_each_exception_is_still_one() -> None:
    found = {
        (str(path.relative_to(DEPLOYED)), name)
        for path in DEPLOYED.rglob("*.py")
        for _, name in compared(path.read_text(encoding="utf-8"))
    }
    assert found == set(NONE)


@pytest.mark.parametrize(
    "source",
    [
        "signature == made",
        "if given != self._link_secret: pass",
        "digest(shown) in integration.keys",
        "any(token == shown for token in known)",
        "document['token'] == shown",
        "known.hashes[0] == hashed",
        "assert code == self.code",
    ],
)
def test_a_comparison_by_value_is_seen(source: str) -> None:
    assert list(compared(source))


@pytest.mark.parametrize(
    "source",
    ["hmac.compare_digest(signature, made)", "dedup_key == other", "answer.status_code == 200", "token is None"],
)
def test_what_says_nothing_about_a_secret_is_left_alone(source: str) -> None:
    assert not list(compared(source))
