"""Reads what people text: the published commands and nothing else acts, whatever a phone makes of them."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.domain.replies import Reply, Wish, pressed, understand

ACKNOWLEDGES = [
    ("ack", ""),
    ("Ack", ""),
    ("ACK", ""),
    ("acknowledge", ""),
    ("Acknowledge.", ""),
    ("a", ""),
    ("A", ""),
    ("ok", ""),
    ("OK", ""),
    ("Ok!", ""),
    ("4", ""),
    ("4.", ""),
    ("  ack  ", ""),
    ("\tack\n", ""),
    ("“ack”", ""),
    ("'ack'", ""),
    ("‘ack’", ""),
    ("«ack»", ""),
    ("ack\N{THUMBS UP SIGN}", ""),
    ("ack \N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}", ""),
    ("ok \N{HEAVY CHECK MARK}\ufe0f", ""),
    ("ack\n\nSent from my iPhone", ""),
    ("ack\r\n\r\nSent from my Galaxy", ""),
    ("ack\n-- \nAda, on call", ""),
    ("\u200back\u200d", ""),
    ("\u202aack\u202c", ""),
    ("\ufeffack", ""),
    ("a\u00adck", ""),
    ("ack", ""),
    ("\N{FULLWIDTH LATIN SMALL LETTER A}\N{FULLWIDTH LATIN SMALL LETTER C}\N{FULLWIDTH LATIN SMALL LETTER K}", ""),
    ("4821", "4821"),
    ("4821.", "4821"),
    ("#4821", "4821"),
    ("0000", "0000"),
    ("0042", "0042"),
    ("ack 4821", "4821"),
    ("Ack 4821", "4821"),
    ("ACK 4821!", "4821"),
    ("ack4821", "4821"),
    ("ack #4821", "4821"),
    ("ack#4821", "4821"),
    ("ack   4821", "4821"),
    ("ack\u00a04821", "4821"),
    ("ack\u20034821", "4821"),
    ("ack\n4821", "4821"),
    ("acknowledge 4821", "4821"),
    ("ok 4821", "4821"),
    ("a 4821", "4821"),
    ("a4821", "4821"),
    ("4821a", "4821"),
    ("4821A", "4821"),
    ("4821 a", "4821"),
    ("4821 ack", "4821"),
    ("4821 ok", "4821"),
    ("“ack 4821”", "4821"),
    ('"ack 4821"', "4821"),
    ("ack “4821”", "4821"),
    ("ack 4821 \N{OK HAND SIGN}", "4821"),
    ("ack 4821...", "4821"),
    ("ack 4821\nSent from my iPhone", "4821"),
    ("ack 48\u200b21", "4821"),
    ("ack \uff14\uff18\uff12\uff11", "4821"),
    ("\N{CIRCLED DIGIT FOUR}\N{CIRCLED DIGIT EIGHT}\N{CIRCLED DIGIT TWO}\N{CIRCLED DIGIT ONE}", "4821"),
]
RESOLVES = ["resolve 4821", "Resolve 4821.", "RESOLVE #4821", "res 4821", "r 4821", "r4821", "4821r", "4821 R",
            "4821 resolve", "resolve\u00a04821", "“resolve 4821”"]  # fmt: skip
ESCALATES = ["escalate 4821", "Escalate 4821!", "ESCALATE #4821", "esc 4821", "e 4821", "e4821", "4821e", "4821 E",
             "4821 escalate", "escalate 4821\n--\nAda"]  # fmt: skip
HELPS = ["help", "Help", "HELP.", "info", "INFO", "?", " help ", "“help”"]

PAGE = "Checkout: checkout is down. Reply ack 4821, resolve 4821 or escalate 4821"
NEVER_ACKNOWLEDGE = [
    # What phones make of a finger on our own text, in several languages and makes.
    f"Liked “{PAGE}”",
    f"Loved “{PAGE}”",
    f"Emphasized “{PAGE}”",
    f"Emphasised an image “{PAGE}”",
    f"Disliked “{PAGE}”",
    f"Questioned “{PAGE}”",
    f"Laughed at “{PAGE}”",
    f"Removed a like from “{PAGE}”",
    f"Reacted \N{THUMBS UP SIGN} to “{PAGE}”",
    "\u200a\N{THUMBS UP SIGN}\u200b to “\u200aack 4821\u200b”",
    "Liked “ack 4821”",
    "Liked “4821”",
    "Liked 'ack'",
    "Loved an image",
    "Gefällt mir “ack 4821”",
    "A aimé « ack 4821 »",
    "Le gustó “ack 4821”",
    "ack 4821 liked",
    "\N{THUMBS UP SIGN}",
    "\N{HEAVY CHECK MARK}",
    "\N{OK HAND SIGN}",
    # What answers when nobody is there.
    "I'm driving right now. I'll get back to you. (I'm not receiving notifications.)",
    "I’m driving with Do Not Disturb While Driving turned on. I’ll see your message when I get where I’m going.",
    "I'm out of the office until 4821",
    "Auto-reply: ack 4821",
    "Automatic reply: 4821",
    "Sorry, I can't talk right now.",
    "Message failed: ack 4821",
    "The subscriber you have texted cannot be reached",
    "Sent from my iPhone",
    "-- \nAda",
    # Sentences with a code or a verb inside.
    "I will ack 4821 in a minute",
    "do not ack 4821",
    "don't ack",
    "no ack",
    "no 4821",
    "not 4821",
    "4821 no",
    "4821 not me",
    "ack 4821 please",
    "please ack 4821",
    "ack 4821 and 4822",
    "ack 4821 4822",
    "ack 4821, 4822",
    "4821 4822",
    "4821,4822",
    "4821/4822",
    "ack 4821?",
    "ack?",
    "4821?",
    "ok?",
    "ok thanks",
    "ok, who is this",
    "okay",
    "okey 4821",
    "a b",
    "what is 4821",
    "code 4821",
    "ack ack",
    "ack resolve 4821",
    "ack all",
    "unack 4821",
    "nack 4821",
    "ack 4821\nwait, no",
    "ack 4821\n\nOn Sat, Tocsin wrote:\n> checkout is down",
    # Codes that are none.
    "48211",
    "ack 48211",
    "482",
    "ack 482",
    "ack 04821",
    "4 8 2 1",
    "48 21",
    "4,821",
    "4.821",
    "-4821",
    "+4821",
    "4821-",
    "ack-4821",
    "ack (4821)",
    "ack 4821 #",
    "ack 482l",
    "ack 4B21",
    "0x4821",
    "44",
    "5",
    "6",
    "*",
    "#",
    # Numerals and letters of other scripts.
    "ack \u0664\u0668\u0662\u0661",
    "\u0664\u0668\u0662\u0661",
    "\u0664",
    "ack \u096a\u096e\u0968\u0967",
    "\u0966\u0967\u0968\u0969",
    "ack 482\u0661",
    "\u0e54\u0e58\u0e52\u0e51",
    "\U0001e954\U0001e958\U0001e952\U0001e951",
    "四八二一",
    "\N{CYRILLIC SMALL LETTER A}\N{CYRILLIC SMALL LETTER ES}\N{CYRILLIC SMALL LETTER KA} 4821",
    "\N{GREEK SMALL LETTER OMICRON}k",
    # The carrier's words, and what sounds like agreement or an end.
    "STOP",
    "stop",
    "Stop.",
    "STOPALL",
    "unsubscribe",
    "CANCEL",
    "cancel",
    "END",
    "end",
    "quit",
    "optout",
    "revoke",
    "START",
    "YES",
    "yes",
    "unstop",
    "help",
    "info",
    "stop 4821",
    "cancel 4821",
    "end 4821",
    "yes 4821",
    "y",
    "n",
    "no",
    "fine",
    "done",
    "on it",
    "got it",
    # Nothing.
    "",
    " ",
    "\n",
    ".",
    "...",
    "“”",
    "\x00",
    "\u200b",
    "\ud83d",
    "\ufffd",
    "ack 4821" + " x" * 1000,
    "ack 4821" + " " * 5000 + "no, wait",
    "ack" + "\n" * 5000 + "is what I would text if I were on call",
]


@pytest.mark.parametrize(("text", "code"), ACKNOWLEDGES, ids=[ascii(text) for text, _ in ACKNOWLEDGES])
def test_a_command_to_acknowledge_is_understood(text: str, code: str) -> None:
    assert understand(text) == Reply(Wish.ACKNOWLEDGE, code)


@pytest.mark.parametrize("text", RESOLVES, ids=ascii)
def test_a_command_to_resolve_is_understood(text: str) -> None:
    assert understand(text) == Reply(Wish.RESOLVE, "4821")


@pytest.mark.parametrize("text", ESCALATES, ids=ascii)
def test_a_command_to_escalate_is_understood(text: str) -> None:
    assert understand(text) == Reply(Wish.ESCALATE, "4821")


@pytest.mark.parametrize("text", HELPS, ids=ascii)
def test_a_cry_for_help_is_understood(text: str) -> None:
    assert understand(text) == Reply(Wish.HELP)


@pytest.mark.parametrize("text", NEVER_ACKNOWLEDGE, ids=[ascii(text)[:50] for text in NEVER_ACKNOWLEDGE])
def test_what_is_not_wholly_a_command_never_acts(text: str) -> None:
    assert understand(text).wish not in {Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE}


@pytest.mark.parametrize("text", ["resolve", "r", "res", "escalate", "e", "esc", "Resolve."])
def test_resolving_and_escalating_need_a_code(text: str) -> None:
    assert understand(text) == Reply(Wish.UNCLEAR)


@pytest.mark.parametrize("text", ["a\nck", "a ck", "48\t21", "48 21", "o\rk", "ack 48\n21"])
def test_a_space_or_a_new_line_inside_a_word_makes_it_another_one(text: str) -> None:
    assert understand(text) == Reply(Wish.UNCLEAR)


def test_of_several_keys_the_first_counts() -> None:
    assert pressed("46", "human") == Reply(Wish.ACKNOWLEDGE)
    assert pressed("", "human") == Reply(Wish.UNCLEAR)


def test_a_text_longer_than_a_carrier_joins_is_not_read() -> None:
    assert understand("ack".ljust(1600)) == Reply(Wish.ACKNOWLEDGE)
    assert understand("ack".ljust(1601)) == Reply(Wish.UNCLEAR)


@pytest.mark.parametrize("word", ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"])
def test_the_carriers_words_to_stop_mean_only_that(word: str) -> None:
    assert [understand(text).wish for text in (word, word.upper(), f" {word} ")] == [Wish.STOP] * 3


@pytest.mark.parametrize("word", ["start", "yes", "unstop"])
def test_the_carriers_words_to_start_mean_only_that(word: str) -> None:
    assert [understand(text).wish for text in (word, word.upper(), f" {word} ")] == [Wish.START] * 3


COMMANDS = [text for text, _ in ACKNOWLEDGES[:12]] + [
    "ack 4821",
    "4821",
    "4821a",
    "resolve 4821",
    "4821e",
    "help",
]
ACT = st.sampled_from(["ack 4821", "ACK 4821", "4821", "#4821", "4821a", "4821 r", "resolve 4821", "e4821"])
WORD = st.text(st.characters(categories=["Ll", "Lu", "Lo", "Nd", "Sc", "Sm", "Pd"]), min_size=1, max_size=12)


@given(text=st.text())
@settings(deadline=None)
def test_any_text_is_understood_or_unclear(text: str) -> None:
    reply = understand(text)
    assert reply.code == "" or re.fullmatch("[0-9]{4}", reply.code)
    assert not (reply.wish is Wish.UNCLEAR and reply.code)


@given(command=ACT, word=WORD, first=st.booleans())
@settings(deadline=None)
def test_a_word_more_than_the_command_makes_it_unclear(command: str, word: str, first: bool) -> None:  # noqa: FBT001
    # Two letters cannot be a verb, and with the code there already a number is a second one.
    assert understand(f"no{word} {command}" if first else f"{command} no{word}") == Reply(Wish.UNCLEAR)
    assert understand(f"{command} 7{word}") == Reply(Wish.UNCLEAR)


GRAMMAR = re.compile(
    r"(ack|acknowledge|a|ok)|4"
    r"|((ack|acknowledge|a|ok|resolve|res|r|escalate|esc|e) ?)?#?[0-9]{4}"
    r"|#?[0-9]{4} ?(ack|acknowledge|a|ok|resolve|res|r|escalate|esc|e)"
)
TOKENS = st.sampled_from(
    ["ack", "a", "ok", "resolve", "r", "e", "4821", "4", "48", "#", " ", "  ", ".", "!", "?", "no", "-"]
)


@given(tokens=st.lists(TOKENS, max_size=6))
@settings(deadline=None)
def test_of_plain_letters_exactly_the_grammar_acts(tokens: list[str]) -> None:
    text = "".join(tokens)
    bare = " ".join(text.split()).rstrip(" .,;:!")
    acts = understand(text).wish in {Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE}
    assert acts == bool(GRAMMAR.fullmatch(bare))


def full_width(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


INVISIBLE = st.text(st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u202a\u202e\u2066\u2069\u00ad\x07"), max_size=2)
TAIL = st.text(st.sampled_from(" .,;:!\N{THUMBS UP SIGN}\N{PARTY POPPER}\N{WHITE HEAVY CHECK MARK}\ufe0f"), max_size=4)
SHAPE = st.sampled_from([str, str.upper, str.title, full_width, lambda text: f"“{text}”", lambda text: f' "{text}"\n'])


@given(command=st.sampled_from(COMMANDS), shape=SHAPE, hidden=st.lists(INVISIBLE, max_size=30), tail=TAIL)
@settings(deadline=None)
def test_a_phones_decoration_changes_nothing(command: str, shape: object, hidden: list[str], tail: str) -> None:
    assert callable(shape)
    letters = [*shape(command)]
    decorated = "".join(one + extra for one, extra in zip(letters, hidden + [""] * len(letters), strict=False))
    assert understand(decorated + tail) == understand(command)


@given(text=st.text())
@settings(deadline=None)
def test_composing_characters_first_changes_nothing(text: str) -> None:
    assert understand(unicodedata.normalize("NFKC", text)) == understand(text)


HUNDRED_KB = 100_000
FLOODS = [
    "ack ",
    "4821 ",
    "\n",
    " ",
    "\n--",
    "\n sent from",
    "#",
    "a!",
    "“",
    "\u200b",
    ".",
    "\N{THUMBS UP SIGN}",
    "e\u0301",
]


@pytest.mark.parametrize("flood", FLOODS, ids=ascii)
def test_a_flood_is_read_in_proportion_to_its_length(flood: str) -> None:
    """Anything that backtracks or starts over for each character would be at it for hours."""
    text = flood * (HUNDRED_KB // len(flood))
    for one in (text, f"no {text} ack 4821", f"{text}x"):
        assert understand(one) == Reply(Wish.UNCLEAR)


@pytest.mark.parametrize(
    ("digits", "wish"),
    [("4", Wish.ACKNOWLEDGE), ("6", Wish.RESOLVE), ("5", Wish.ESCALATE), ("*", Wish.HELP)]
    + [(one, Wish.UNCLEAR) for one in ["", "0", "1", "2", "3", "7", "8", "9", "#", "\u0664", "x"]],
)
def test_a_key_means_what_the_call_said(digits: str, wish: Wish) -> None:
    assert pressed(digits, "") == Reply(wish)
    assert pressed(digits, "human") == Reply(wish)


MACHINES = ["machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax"]


@pytest.mark.parametrize("answered_by", MACHINES)
def test_a_machine_presses_nothing_that_counts(answered_by: str) -> None:
    assert {pressed(digit, answered_by).wish for digit in "0123456789*#"} == {Wish.UNCLEAR}
