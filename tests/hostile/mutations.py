"""Makes hostile requests out of good ones, and out of nothing: few draws each, so that many can be made."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

from hypothesis import strategies as st

from tests.hostile.corpus import (
    FORM_FIELDS,
    FORM_VALUES,
    HEADERS,
    METHODS,
    QUERIES,
    STRAYS,
    STRINGS,
    TWILIO,
    WRONG,
    paths,
)
from tests.hostile.doors import FORM, GOOD, INGEST, JSON, PATHS, Pairs, Request, signature, signed

TOKENS = [
    *WRONG,
    *(f'"{text}"' for text in STRINGS if len(text) < 1000),
    "NaN",
    "-Infinity",
    "1e999",
    "{",
    "]",
    "",
    "9" * 50,
]
TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)  # half characters too
SCALARS = st.integers() | st.floats() | TEXTS
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(TEXTS, SCALARS, max_size=2)
HEADER_LINES = [
    (name.encode(), value.encode("latin-1")) for name, values in HEADERS.items() for value in values if len(value) < 100
]
ODD_HEADER = st.tuples(st.sampled_from(sorted({name for name, _ in HEADER_LINES})), st.binary(max_size=20))
ANSWERS = ("ack", "4", "#", "resolve", "undelivered", "30003", "machine_start", "stop")
BYTES = st.binary(max_size=30)
PIECES = st.lists(st.integers(0, 50), max_size=4).map(tuple)
LENGTHS = st.sampled_from([None, None, None, b"0", b"1", b"-1", b"x", b"", b"999999"]) | st.integers(0, 2**70).map(
    lambda number: str(number).encode()
)
# The places of a good body, and of what it says nothing about.
PLACES = {door: [*paths(GOOD[door]), "x", "", "alerts.1", "payload.x", "a.b"] for door in INGEST}


def mutated(door: str) -> st.SearchStrategy[Request]:
    """Give good messages with up to three mistakes in their fields."""
    wheres = list(product(PLACES[door], ("put", "put", "put", "drop", "wrap", "copy")))
    known = st.lists(st.sampled_from(list(product(wheres, TOKENS))), min_size=1, max_size=3)
    found = st.tuples(st.tuples(st.sampled_from(wheres), VALUES.map(json.dumps)))
    return (known | found).map(
        lambda edits: Request(PATHS[door], _edited(GOOD[door], edits, ascii_only=len(edits) == 1))
    )


def garbled(door: str) -> st.SearchStrategy[Request]:
    """Give bytes: any at all, and good ones that are cut, flipped and spliced."""
    good = json.dumps(GOOD[door]).encode() if door in INGEST else urlencode(TWILIO[door]).encode()
    spliced = st.builds(
        lambda start, end, middle, times: good[:start] + middle * times + good[end:],
        st.integers(0, len(good)),
        st.integers(0, len(good)),
        BYTES,
        st.sampled_from([1, 1, 1, 1, 2, 70, 5000]),
    )
    headers = ((b"content-type", JSON if door in INGEST else FORM),)
    return (st.binary(max_size=200) | spliced | spliced).map(lambda raw: Request(PATHS[door], raw, headers=headers))


def wrapped(door: str, good: Request) -> st.SearchStrategy[Request]:
    """Give good bodies at odd addresses, under odd headers, in odd pieces, and torn."""
    places = st.sampled_from(STRAYS) | st.builds(
        lambda raw, place: _spliced(PATHS[door], raw, place), BYTES, st.integers(0, len(PATHS[door]))
    )
    queries = st.sampled_from([query.encode("latin-1") for query in QUERIES])
    headers = st.lists(st.sampled_from(HEADER_LINES), min_size=1, max_size=3) | st.tuples(ODD_HEADER)
    return st.one_of(
        places.map(lambda path: replace(good, path=path)),
        queries.map(lambda query: replace(good, query=query)),
        headers.map(lambda more: replace(good, headers=(*good.headers, *more))),
        headers.map(lambda more: replace(good, headers=(*more, *good.headers))),
        st.sampled_from(METHODS).flatmap(
            lambda method: places.map(lambda path: replace(good, path=path, method=method))
        ),
        st.builds(replace, st.just(good), pieces=PIECES, hangs_up=st.booleans()),
        LENGTHS.map(lambda length: replace(good, length=length)),
    )


def forms(door: str, query: str) -> st.SearchStrategy[Request]:
    """Give forms with mistakes that Twilio signed all the same."""
    return _forms(door).map(lambda form: signed(PATHS[door], form, query))


def forged(door: str, query: str) -> st.SearchStrategy[Request]:
    """Give forms that want to be taken for Twilio's: signed as something else, or not at all."""
    good = signed(PATHS[door], list(TWILIO[door].items()), query)
    proofs = st.sampled_from([good.headers[1][1], b"", signature(PATHS[door], []).encode()]) | st.binary(max_size=30)
    # A name nobody has signed makes each of them another form than the good one.
    return st.builds(
        lambda form, proof: replace(
            good,
            body=urlencode([*form, ("Forged", "1")], errors="surrogatepass").encode(),
            headers=((b"content-type", FORM), (b"x-twilio-signature", proof)),
        ),
        _forms(door),
        proofs,
    )


def _forms(door: str) -> st.SearchStrategy[Pairs]:
    known = st.sampled_from(list(product([*FORM_FIELDS, "", "x y"], [*FORM_VALUES, *ANSWERS])))
    changes = st.lists(known, max_size=3) | st.tuples(st.tuples(st.sampled_from(FORM_FIELDS), TEXTS))
    sids = st.integers(0, 2**60).map(lambda number: f"{number:032x}")
    return st.builds(_form, st.just(door), changes, sids)


def _form(door: str, changes: Pairs, sid: str) -> Pairs:
    """Give the good form with a new id and the changes; three of them are added to it and not exchanged."""
    names = {name for name, _ in changes} if len(changes) < 3 else set()
    fresh = {"MessageSid": f"SM{sid}", "CallSid": f"CA{sid}"}
    good = [(name, fresh.get(name, value)) for name, value in TWILIO[door].items() if name not in names]
    return [*good, *((name, _whole(value)) for name, value in changes)]


def _whole(text: str) -> str:
    return text.encode(errors="replace").decode()  # half a character cannot be signed


def _spliced(path: str, raw: bytes, place: int) -> str:
    return path[: 1 + place] + quote_from_bytes(raw) + path[1 + place :]


def _edited(good: object, edits: Sequence[tuple[tuple[str, str], str]], *, ascii_only: bool) -> bytes:
    """Apply the edits as far as they find their places; a value is JSON, or what should have been."""
    changed = json.loads(json.dumps(good))
    tokens = {f"@@{number}@@": token for number, (_, token) in enumerate(edits)}
    for ((place, how), _), mark in zip(edits, tokens, strict=True):
        _edit(changed, place.split("."), how, mark)
    text = json.dumps(changed, ensure_ascii=ascii_only)
    for mark, token in tokens.items():
        text = text.replace(f'"{mark}"', token)
    return text.encode("utf-8", "surrogatepass")


def _edit(value: Any, way: list[str], how: str, mark: str) -> None:
    *way, last = way
    for part in way:
        value = value.get(part) if isinstance(value, dict) else value[0] if isinstance(value, list) and value else None
    if isinstance(value, list) and value:
        value[0] = [value[0], mark] if how == "wrap" else mark
    elif isinstance(value, dict):
        if how == "drop":
            value.pop(last, None)
        elif how == "copy":
            value[f"{last} "] = value[last.upper()] = value.get(last, mark)
        else:
            value[last] = {mark[:1]: [value.get(last), mark]} if how == "wrap" else mark
