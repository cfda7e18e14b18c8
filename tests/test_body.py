"""Reads hostile bodies, JSON and forms: the answer is a harmless JSON value, or Malformed with a 4xx and a sentence."""

import gzip
import json
import math
import tracemalloc
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin import body
from tocsin.errors import Malformed

MIB = 1024 * 1024


def read(raw: bytes | str, content_type: str = "application/json", content_encoding: str = "") -> object:
    return body.read(raw.encode() if isinstance(raw, str) else raw, content_type, content_encoding, MIB)


BAD = [
    # Not there.
    (b"", "empty"),
    (b" \n\t ", "empty"),
    (b"\xef\xbb\xbf", "empty"),
    # Not JSON.
    (b"disk full", "not JSON"),
    (b"title=disk+full&severity=high", "not JSON"),
    (b"<alert/>", "not JSON"),
    (b"{", "not JSON"),
    (b"}", "not JSON"),
    (b"[", "not JSON"),
    (b"]", "not JSON"),
    (b'"', "not JSON"),
    (b'"\\', "not JSON"),
    (b'"\\"', "not JSON"),
    (b'"abc', "not JSON"),
    (b"{}{}", "extra data"),
    (b"[1,]", "not JSON"),
    (b'{"a":1,}', "not JSON"),
    (b'{"a"}', "not JSON"),
    (b'{"a":}', "not JSON"),
    (b"{a:1}", "not JSON"),
    (b"{'a':1}", "not JSON"),
    (b'{1:"a"}', "not JSON"),
    (b"[1 2]", "not JSON"),
    (b"[}", "not JSON"),
    (b'{"a":1]', "not JSON"),
    (b"nul", "not JSON"),
    (b"True", "not JSON"),
    (b"None", "not JSON"),
    (b"undefined", "not JSON"),
    (b"// comment\n{}", "not JSON"),
    (b'{"a":"\\x"}', "escape"),
    (b'{"a":"\\u12"}', "escape"),
    (b'{"a":"\\ud8"}', "escape"),
    (b"\x00", "not JSON"),
    (b"{}\x00", "extra data"),
    (b'{"a":\n\n  oops}', "line 3"),
    # Numbers nobody can hold.
    (b"NaN", "NaN is not JSON"),
    (b'{"a":NaN}', "NaN is not JSON: line 1, character 5"),
    (b"[Infinity]", "Infinity is not JSON"),
    (b"[-Infinity]", "Infinity is not JSON"),
    (b"1e400", "too large"),
    (b"[-1e999999]", "too large"),
    (b"1" * 41, "more than 40 digits"),
    (b"1" * 100_000, "more than 40 digits"),
    (b'{"a":[0.' + b"1" * 100_000 + b"]}", "more than 40 digits"),
    (b"[1e" + b"9" * 5000 + b"]", "more than 40 digits"),
    (b"01", "not JSON"),
    (b"+1", "not JSON"),
    (b".5", "not JSON"),
    (b"1.", "not JSON"),
    (b"0x10", "not JSON"),
    (b"1_000", "not JSON"),
    # Too deep, too many.
    (b"[" * 65 + b"]" * 65, "64 levels"),
    (b'{"a":' * 65 + b"1" + b"}" * 65, "64 levels"),
    (b"[" * 5000 + b"]" * 5000, "64 levels"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, "64 levels"),
    (b"[" * MIB, "64 levels"),
    (b'[{"a":' * 100_000, "64 levels"),
    (b"[" + b"]," * 10 + b"[" * 500, "not JSON"),
    (b"]" * 500 + b"[" * 5000, "not JSON"),
    (b'["\\\\",' + b"[" * 100 + b"]" * 100 + b"]", "64 levels"),
    (b"[" + b"0," * 10_000 + b"0]", "10000 keys and items"),
    (b"[" + b"[]," * 9_999 + b"[]]", "10000 keys and items"),
    (b"{" + b",".join(b'"%d":0' % n for n in range(10_001)) + b"}", "10000 keys and items"),
    (b'"\\' * (MIB // 2), "not JSON"),
    (b'\\"' * (MIB // 2), "not JSON"),
    (b'["' + b'\\"' * (MIB // 2 - 2), "not JSON"),
    (b"1 " * (MIB // 2), "extra data"),
    (b"," * MIB, "not JSON"),
    # Not UTF-8.
    (b'{"a":"caf\xe9"}', "not UTF-8: byte 0xe9 at offset 9"),
    (b"\xff\xff", "not UTF-8"),
    (b'"\xed\xa0\x80"', "not UTF-8"),
    (b'"\xc0\x80"', "not UTF-8"),
    (b'"\xf5\x80\x80\x80"', "not UTF-8"),
    (b'"\xe2\x82"', "not UTF-8"),
    (gzip.compress(b"{}"), "not UTF-8"),
    ('{"a":1}'.encode("utf-16"), "UTF-16"),
    ('{"a":1}'.encode("utf-16-le"), "UTF-16-LE"),
    ('{"a":1}'.encode("utf-16-be"), "UTF-16-BE"),
    ('{"a":1}'.encode("utf-32"), "UTF-32"),
    ('{"a":1}'.encode("utf-32-be"), "UTF-32-BE"),
    (b"\xef\xbb\xbf\xef\xbb\xbf{}", "not JSON"),
    (b" \xef\xbb\xbf{}", "not JSON"),
]


@pytest.mark.parametrize(("raw", "problem"), BAD, ids=range(len(BAD)))
def test_a_bad_body_is_refused_in_a_sentence_that_names_the_problem(raw: bytes, problem: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read(raw)
    assert problem in str(refusal.value)
    assert refusal.value.status == 400
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 200


def test_a_body_over_the_limit_is_not_even_looked_at() -> None:
    with pytest.raises(Malformed, match="600000 bytes; at most 524288") as refusal:
        body.read(b"\xff" * 600_000, "application/json", "", 512 * 1024)
    assert refusal.value.status == 413


def test_a_body_of_just_the_limit_is_read() -> None:
    assert body.read(b"[1,2]", "application/json", "", 5) == [1, 2]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip", "zstd"])
def test_a_compressed_body_is_never_unpacked(encoding: str) -> None:
    with pytest.raises(Malformed, match="compressed") as refusal:
        read(gzip.compress(b"{}"), content_encoding=encoding)
    assert refusal.value.status == 415


FINITE = st.floats(allow_nan=False, allow_infinity=False)
SAFE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(n) for n in range(32)]) | st.just("\n"))
FORM, PARTS = "application/x-www-form-urlencoded", 'multipart/form-data; boundary="a b"'


@pytest.mark.parametrize("media_type", [FORM, "Application/X-WWW-Form-Urlencoded; charset=utf-8"])
@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"title=disk+full&severity=high", {"title": "disk full", "severity": "high"}),
        (b"title=caf%C3%A9&title2=caf\xc3\xa9", {"title": "café", "title2": "café"}),
        (b"a=1&a=2&b=&c", {"a": "2", "b": "", "c": ""}),
        (b"a=%00%07&%1f=%ff&b=\xff", {"a": "\ufffd\ufffd", "\ufffd": "\ufffd", "b": "\ufffd"}),
        (b"a=b=c;d", {"a": "b=c;d"}),
        (b"a=%zz%4&%2=100%", {"a": "%zz%4", "%2": "100%"}),
        (b"payload=%7B%22a%22%3A1%7D", {"payload": '{"a":1}'}),
        (b' {"a": 1}', {"a": 1}),
        (b'[{"a": 1}]', [{"a": 1}]),
    ],
)
def test_a_form_is_read_into_its_texts_and_json_that_is_called_a_form_as_json(
    media_type: str, raw: bytes, value: object
) -> None:
    assert read(raw, media_type) == value


def part(head: str, value: str) -> str:
    return f"--a b\r\n{head}\r\n\r\n{value}\r\n"


SUBJECT = part('Content-Disposition: form-data; name="subject"', "Disk full\r\non db-1")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (SUBJECT + "--a b--\r\n", {"subject": "Disk full\r\non db-1"}),
        ("preamble\r\n" + SUBJECT + "--a b--\r\nepilogue", {"subject": "Disk full\r\non db-1"}),
        (part("Content-Type: text/plain\r\ncontent-disposition: FORM-DATA; name=a", "x") + "--a b--", {"a": "x"}),
        (SUBJECT + part('Content-Disposition: form-data; name="f"; filename="x.png"', "\x00PNG") + "--a b--",
         {"subject": "Disk full\r\non db-1"}),
        (part("Content-Disposition: form-data; name=a", "1") + part("Content-Disposition: form-data; name=a", "2"),
         {"a": "2\r\n"}),
        (SUBJECT + "--a b\r\nno header, and cut off", {"subject": "Disk full\r\non db-1"}),
        (part("Content-Disposition: form-data; name=a", "--a bc\x00"), {"a": "--a bc\ufffd\r\n"}),
    ],
)  # fmt: skip
def test_of_a_form_with_parts_the_texts_are_kept_and_the_files_passed_over(raw: str, value: object) -> None:
    assert read(raw, PARTS) == value


@pytest.mark.parametrize(
    ("raw", "media_type", "status", "problem"),
    [
        ("", FORM, 400, "empty"),
        ("&&", FORM, 400, "empty"),
        ("{", FORM, 400, "not JSON"),
        ("&" * 1000, FORM, 413, "more than 1000 fields"),
        ("", PARTS, 400, "empty"),
        ("--a b--", PARTS, 400, "empty"),
        (SUBJECT, "multipart/form-data", 400, "boundary"),
        (SUBJECT, "multipart/form-data; boundary=", 400, "boundary"),
        (SUBJECT, f"multipart/form-data; boundary={'x' * 100_000}", 400, "empty"),
        (SUBJECT * 1002, PARTS, 413, "more than 1000 parts"),
    ],
)
def test_a_form_that_cannot_be_read_says_why(raw: str, media_type: str, status: int, problem: str) -> None:
    with pytest.raises(Malformed, match=problem) as refusal:
        read(raw, media_type)
    assert refusal.value.status == status


def test_a_thousand_fields_and_a_thousand_parts_are_read() -> None:
    assert len(read("&".join(f"a{n}=1" for n in range(1000)), FORM)) == 1000  # type: ignore[arg-type]
    parts = "".join(part(f"Content-Disposition: form-data; name=a{n}", "1") for n in range(1000))
    assert len(read(parts + "--a b--", PARTS)) == 1000  # type: ignore[arg-type]


@settings(deadline=None)
@given(pairs=st.dictionaries(SAFE, SAFE))
def test_a_form_keeps_its_texts(pairs: dict[str, str]) -> None:
    assert read("a=&" + urlencode(pairs), FORM) == {"a": "", **pairs}


@settings(deadline=None)
@given(
    raw=st.binary()
    | st.lists(st.sampled_from([b"--a b", b"\r\n", b"content-disposition:", b";name=", b'"', b"--"])).map(b"".join),
    media_type=st.sampled_from([FORM, PARTS]) | st.text(max_size=20).map("multipart/form-data; boundary={}".format),
)
def test_any_bytes_of_a_form_are_texts_or_malformed(raw: bytes, media_type: str) -> None:
    try:
        value = read(raw, media_type)
    except Malformed:
        return
    assert value == read(json.dumps(value, ensure_ascii=False))


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "text/plain; charset=UTF-8",
        "",
        "application/vnd.shop+json",
        "application/octet-stream",
        "nonsense",
    ],
)
def test_json_is_read_whatever_it_is_called(media_type: str) -> None:
    assert read('{"a": [1, null]}', media_type, "identity") == {"a": [1, None]}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"\xef\xbb\xbf{}", {}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\ud83d"', "\ufffd"),
        (b'"a\\udc00b"', "a\ufffdb"),
        (b'{"\\ud800":{"x":["\\u0000"]}}', {"\ufffd": {"x": ["\ufffd"]}}),
        (b'"\\u0000\\u0007\\b\\f\\u001f"', "\ufffd" * 5),
        (b'"\\t\\n\\r\\u0009"', "\t\n\r\t"),
        (b'"a\nb\x00\x1b"', "a\nb\ufffd\ufffd"),
        (b'"\\\\u0000"', "\\u0000"),
        (b'{"a":1,"a":2,"b":0}', {"a": 2, "b": 0}),
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"9223372036854775808", "9223372036854775808"),
        (b"[-9223372036854775809]", ["-9223372036854775809"]),
        (b"1" * 40, "1" * 40),
        (b"0." + b"1" * 39, 1 / 9),
        (b'"' + b"1" * 100 + b'"', "1" * 100),
        (b'["[[[[", "NaN", "Infinity"]', ["[[[[", "NaN", "Infinity"]),
        (b'"\\\\"', "\\"),
        (b"1e-400", 0.0),
        (b"null", None),
        (b"[]", []),
    ],
)
def test_what_can_be_put_right_is_read(raw: bytes, value: object) -> None:
    assert read(raw) == value


def test_64_levels_and_10000_items_are_read() -> None:
    assert json.dumps(read("[" * 64 + "]" * 64)) == "[" * 64 + "]" * 64
    assert read(json.dumps(list(range(10_000)))) == list(range(10_000))


def test_brackets_in_strings_are_not_levels() -> None:
    text = "[" * 5000 + '"\\{,' * 5000
    assert read(json.dumps({"a": text, text: 1})) == {"a": text, text: 1}


def test_a_source_with_a_larger_limit_may_have_more_items() -> None:
    items = list(range(30_000))
    assert body.read(json.dumps(items).encode(), "", "", 4 * MIB) == items


def test_a_bomb_takes_little_memory() -> None:
    bombs = [b"[" * 4 * MIB, b'{"a":' * MIB, b"[" + b"0," * 2 * MIB, b'"' * 4 * MIB, b"1" * 4 * MIB]
    tracemalloc.start()
    try:
        for bomb in bombs:
            with pytest.raises(Malformed):
                body.read(bomb, "", "", 8 * MIB)
        body.read(b"a=" + b"%41" * MIB, FORM, "", 8 * MIB)
        body.read(b"a=" + b"b%41" * (MIB // 4), FORM, "", 8 * MIB)
        body.read(SUBJECT.encode() + b"\r\n--a" * MIB, PARTS, "", 8 * MIB)
        assert tracemalloc.get_traced_memory()[1] < 50 * MIB
    finally:
        tracemalloc.stop()


@settings(deadline=None)
@given(raw=st.binary() | st.text(alphabet='{}[]",:\\u0123dDeE+-.nNaItrf \n\x00').map(str.encode))
def test_any_bytes_are_read_or_malformed(raw: bytes) -> None:
    try:
        value = read(raw)
    except Malformed:
        return
    # Only what the rest can hold: finite numbers, 64-bit integers, text that UTF-8 can write.
    written = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    assert read(written) == value


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | FINITE | SAFE,
    lambda inner: st.lists(inner) | st.dictionaries(SAFE, inner),
    max_leaves=30,
)


@settings(deadline=None)
@given(value=VALUES, ascii_only=st.booleans(), indent=st.sampled_from([None, 0, 3]))
def test_valid_json_comes_through_unchanged(value: object, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001
    assert read(json.dumps(value, ensure_ascii=ascii_only, indent=indent)) == value


@settings(deadline=None)
@given(number=st.integers())
def test_an_integer_keeps_its_digits(number: int) -> None:
    value = read(str(number))
    assert str(value) == str(number)
    assert isinstance(value, int) == (-(2**63) <= number < 2**63)


@settings(deadline=None)
@given(number=FINITE)
def test_a_float_keeps_its_value(number: float) -> None:
    value = read(repr(number))
    assert isinstance(value, float)
    assert math.isclose(value, number, rel_tol=0)
