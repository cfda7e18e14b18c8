"""Texts for telephones: in the GSM alphabet, within two segments, and with nothing in them that is not seen."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.domain.gsm import fitted, plain, septets

# GSM 03.38, written out from the standard's two tables; the extension's characters take two places.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "^{}\\[~]|€"
TWO_SEGMENTS = 306

ANYTHING = st.text(st.characters())
PIECES = [
    "http",
    ":",
    "/",
    "//",
    " ",
    ".",
    "\u200b",
    "\u202e",
    "\u2044",
    "／",
    "：",
    "€",
    "ç",
    "½",
    "…",
    "\n",
    "\x1b",
    "\u0301",
]
AWKWARD = st.lists(st.sampled_from(PIECES)).map("".join)
GSM_TEXT = st.text(st.sampled_from(BASIC + EXTENDED), max_size=400)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("checkout is down", "checkout is down"),
        ("Zażółć gęślą jaźń", "Zazólc gesla jazn".replace("ó", "o")),
        ("Škoda, naïve café, Ångström", "Skoda, naive café, Ångström"),
        ("“quoted” – and ‘so’ — on…", "\"quoted\" - and 'so' - on..."),
        ("ﬁle ﬂow", "file flow"),
        ("x² ≥ 5 × 3", "x2 >= 5 x 3"),
        ("ＡＢＣ １２３", "ABC 123"),
        ("a\nb\tc\r\nd  e", "a b c d e"),
        ("  a  ", "a"),
        ("a\x00b\x1bc\x7fd", "a b c d"),
        ("pay\u200bments", "payments"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("\u2066a\u2069\ufeffb\u00adc", "abc"),
        ("cafe\u0301", "cafe"),
        ("\N{FIRE} down", "down"),
        ("Φ Γ Λ Ω Π Ψ Σ Θ Ξ Δ", "Φ Γ Λ Ω Π Ψ Σ Θ Ξ Δ"),
        ("{a|b} [c] ~ \\ ^ €", "{a|b} [c] ~ \\ ^ €"),
        ("", ""),
        ("\u200b\ufe0f\u0301", ""),
    ],
)
def test_a_text_becomes_its_nearest_in_the_alphabet(text: str, seen: str) -> None:
    assert plain(text) == seen


@pytest.mark.parametrize(
    ("alike", "seen"),
    [
        ("‘’‚`´", "'"),
        ("“”„«»", '"'),
        ("–—−‐‑", "-"),
        ("…", "..."),
        ("•·", "*"),
        ("→", "->"),
        ("←", "<-"),
        ("✓✔", "ok"),
        ("✗×", "x"),
        ("°", " deg"),
        ("µ", "u"),
        ("≥", ">="),
        ("≤", "<="),
        ("≠", "!="),
        ("ł", "l"),
        ("Ł", "L"),
        ("đð", "d"),
        ("Đ", "D"),
        ("œ", "oe"),
        ("Œ", "OE"),
        ("þ", "th"),
        ("ı", "i"),
    ],
)
def test_what_looks_alike_is_taken_for_each_other(alike: str, seen: str) -> None:
    assert [plain(f"a{one}a") for one in alike] == [f"a{seen}a"] * len(alike)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example",
        "HTTP://evil.example",
        "javascript://evil",
        ":\u200b//evil.example",
        "http:\u00ad//evil.example",
        "http：//evil.example",
        "http:／／evil.example",
        "http:\u202e/\u202c/evil.example",
        "http:\u0301//evil.example",
        ":://://",
    ],
    ids=ascii,
)
def test_a_link_is_made_harmless(link: str) -> None:
    assert "://" not in plain(f"click {link} now")


@pytest.mark.parametrize(("text", "wrong"), [("½ of 10", "12"), ("1½ GB free", "112"), ("¾", "34")])
def test_a_number_never_becomes_another_one(text: str, wrong: str) -> None:
    assert wrong not in plain(text)


def test_a_fraction_stands_apart_from_the_number_before_it() -> None:
    assert plain("1½ GB free") == "1 1/2 GB free"


@given(text=ANYTHING | AWKWARD)
@settings(deadline=None)
def test_whatever_is_said_fits_the_alphabet_on_one_line(text: str) -> None:
    said = plain(text)
    assert set(said) <= set(BASIC + EXTENDED) - {"\n", "\r"}
    assert said == " ".join(said.split(" ")).strip()
    assert not [one for one in said if unicodedata.category(one)[0] == "C"]
    assert "://" not in said
    assert plain(said) == said


@given(text=GSM_TEXT)
@settings(deadline=None)
def test_septets_count_the_extension_table_twice(text: str) -> None:
    assert septets(text) == len(text) + sum(text.count(one) for one in EXTENDED)


@given(text=GSM_TEXT, tail=st.text(st.sampled_from("abc 0123.€["), max_size=100))
@settings(deadline=None)
def test_what_is_cut_shows_that_it_is_and_keeps_its_tail(text: str, tail: str) -> None:
    made = fitted(text, tail)
    assert septets(made) <= TWO_SEGMENTS
    assert made.endswith(tail)
    if septets(text + tail) <= TWO_SEGMENTS:
        assert made == text + tail
    else:
        head = made.removesuffix(tail)
        assert head.endswith("...")
        assert text.startswith(head.removesuffix("..."))


def test_nothing_is_cut_that_just_fits() -> None:
    assert fitted("x" * 306) == "x" * 306
    assert fitted("x" * 307) == "x" * 303 + "..."
    assert fitted("€" * 153) == "€" * 153
    assert fitted("x" * 300, " ack 4821") == "x" * 294 + "... ack 4821"
