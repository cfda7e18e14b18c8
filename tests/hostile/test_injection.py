"""What an alert says is words wherever it is shown, filled in, matched or evaluated: no payload is ever a program."""

import csv
import io
import json
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar

from infra.cli import render, roster
from tests.domain.examples import NOW, config, event, incident, notification, schedule, user
from tocsin import conditions, log, twiml
from tocsin.domain import feed, sheet, templates, wording
from tocsin.domain.alert import Action
from tocsin.domain.config import Rule
from tocsin.domain.gsm import plain
from tocsin.domain.matchers import Matcher, Relation, parse
from tocsin.domain.rules import Unclear, choose

TEMPLATES = [
    "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "${{7*7}}", "@(7*7)", "{{7*'7'}}", "*{7*7}", "[[${7*7}]]", "{7*7}",
    "{{''.__class__.__mro__[1].__subclasses__()}}", "{{config.items()}}", "{{self.__init__.__globals__}}",
    "{{request.application.__globals__.__builtins__.__import__('os').popen('id').read()}}", "{{cycler.__init__}}",
    "{% for x in range(1000000) %}x{% endfor %}", "{%print(7*7)%}", "{#comment#}", "{{constructor.constructor('x')()}}",
    "<#assign x='freemarker.template.utility.Execute'?new()>${x('id')}", "$class.inspect('java.lang.Runtime')",
    "#set($x=7*7)$x", "{php}echo 7*7;{/php}", "{{range.constructor('return 1')()}}", "{{_self.env.display('id')}}",
    "{{labels.team}}", "{{ title }}", "{{labels.__class__}}", "{{{title}}}", "{{{{title}}}}", "{{>title}}",
    "{{&title}}",
]  # fmt: skip
NAMES = {"{{labels.team}}": "db", "{{ title }}": "t", "{{labels.__class__}}": "", "{{{title}}}": "{t}"}
"""Those that are templates of ours: the name of a label is no way to anything else."""
FORMATS = [
    "%s%s%s%s", "%n%n%n", "%(title)s", "%x" * 50, "%999999999d", "{0}", "{title}", "{0.__class__.__init__.__globals__}",
    "{title!r:>999999999}", "{:>9999999}", "$title", "${title}", "$(id)", "`id`", "; id", "| id", "&& id", "\\1\\g<0>",
]  # fmt: skip
MARKUP = [
    "</Say><Dial>+19005550100</Dial><Say>", "</Say></Gather><Hangup/>", "<Redirect>https://evil.example</Redirect>",
    "<break time='10s'/>", "<say-as interpret-as='digits'>4</say-as>", "<!--", "]]>", "<![CDATA[</Say>]]>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;", "&#60;Dial&#62;", "&lt;Dial&gt;", "<?xml version='1.0'?>",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "</title><script>",
    "</pre><form action=https://evil.example><button>", "<a href=javascript:alert(1)>x</a>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "' autofocus onfocus=alert(1) '", "<style>*{}</style>",
]  # fmt: skip
ESCAPES = [
    "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x07here\x1b]8;;\x07", "\x9b31m", "\x1bP$q\x1b\\",
    "\r\x1b[Kall is well", "a\bb\b", "\x00", "\x07", "\u202eevil", "\u2066x\u2069", "\u200b\u200d\ufeff",
    "a\u2028b\u2029c",
    "x\r\nBCC: all@evil.example", "x\r\nEND:VEVENT\r\nBEGIN:VEVENT", "x\nATTACH:file:///etc/passwd", "\x0b\x0c\x85",
]  # fmt: skip
EXPRESSIONS = [
    '" || true || "', "' || true || '", 'x" == "x', ".*", "(a+)+$", "(?=.*)", "a|b", '".*"', "=~.*", '",severity="',
    "[",
    "=1+1", "=cmd|'/C calc'!A0", "@SUM(1)", "+1+1", "-1+1", "\t=1+1", '"=1+1', '=HYPERLINK("https://evil.example")',
]  # fmt: skip
PAYLOADS = [*TEMPLATES, *FORMATS, *MARKUP, *ESCAPES, *EXPRESSIONS]


def test_there_are_a_hundred_of_them() -> None:
    assert len(set(PAYLOADS)) >= 100


every = pytest.mark.parametrize("words", PAYLOADS, ids=ascii)


@every
def test_a_template_is_filled_with_it_as_it_is(words: str) -> None:
    said = {"team": words, "title": words}
    assert templates.fill("{{labels.team}}/{{title}}", said).text == f"{words}/{words}"


@every
def test_as_a_template_it_is_refused_or_says_no_more_than_the_alert(words: str) -> None:
    """Nothing is in the language but names, so whatever is taken gives what it is or what the alert says."""
    filled = templates.fill(words, {"team": "db", "title": "t"}).text
    if "{{" not in words and "}}" not in words:
        templates.check(words)
        assert filled == words
    elif words in NAMES:
        assert filled == NAMES[words]
    else:
        with pytest.raises(ValueError, match=r"write \{\{labels.NAME\}\}"):
            templates.check(words)


@every
def test_a_rule_s_matchers_see_it_as_a_text(words: str) -> None:
    assert Matcher("a", Relation.IS, words).fits({"a": words})
    assert not Matcher("a", Relation.MATCHES, "db|web").fits({"a": words})
    assert Matcher("a", Relation.MATCHES_NOT, "db|web").fits({"a": words})


@every
def test_a_matcher_made_of_it_is_that_or_none(words: str) -> None:
    """Whoever writes the configuration writes a label and a value, and nothing in the value begins another."""
    written = str(Matcher("a", Relation.IS, words))
    assert parse(written) == Matcher("a", Relation.IS, words)


@every
def test_a_rule_s_expression_sees_it_as_a_text(words: str) -> None:
    rule = Rule("one", (), when='labels.team == "db" || title == "db"', dedup_key="{{labels.team}}")
    chosen = choose(event(Action.TRIGGER, title=words, labels={"team": words}), config(rules=(rule,)), conditions.holds)
    assert not chosen.by
    fits = replace(rule, when='labels.team != "db"')
    chosen = choose(event(Action.TRIGGER, title=words, labels={"team": words}), config(rules=(fits,)), conditions.holds)
    assert (chosen.dedup_key == words) is bool(words)


@every
def test_as_an_expression_it_neither_holds_nor_does_anything(words: str) -> None:
    with pytest.raises(ValueError, match=r"expression|yes nor no|characters"):
        conditions.check(words)
    with pytest.raises(Unclear):
        conditions.holds(words, {"labels": {}, "title": words})


@every
def test_a_call_says_it(words: str) -> None:
    spoken = wording.spoken(incident(title=words, service_name=words), notification(channel="voice"))
    root = ET.fromstring(twiml.script(*spoken, "https://pager.example/reply/voice"))  # noqa: S314 - ours
    assert [one.tag for one in root.iter()] == ["Response", *["Gather", "Say", "Say"] * 3, "Say"]
    assert str(root[0][0].text) == spoken[0]


@every
def test_a_text_is_one_line_of_a_phone_s_alphabet(words: str) -> None:
    text = wording.page(incident(title=words, service_name=words), notification(), again=False)
    assert "://" not in text
    assert text.endswith("Reply ack 4821, resolve 4821 or escalate 4821")
    assert not [one for one in text if unicodedata.category(one)[0] == "C"]
    assert not re.search(r"49(?!\d)", text.replace("4821", "")), "it was computed"
    sent = ET.fromstring(twiml.texted(text))  # noqa: S314 - ours
    assert [(one.tag, one.text) for one in sent] == [("Message", text)]


class Tags(HTMLParser):
    """Keeps which elements there are, with their attributes' names, and what is written in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, *(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@every
def test_the_page_behind_a_link_shows_it(words: str) -> None:
    def page(said: str) -> Tags:
        about = incident(title=said, service_name=said, affected=said, details=said, link=said, answered_by=said)
        return Tags(sheet.shown(about, notification(user_name=said), NOW, open_=True))

    shown = page(words)
    assert shown.seen == page("checkout is down").seen
    assert plain(words) in plain(shown.text)
    assert Tags(sheet.said(words)).seen == Tags(sheet.said("x")).seen


@every
def test_a_terminal_shows_it_and_does_nothing(words: str) -> None:
    about = {
        **render.row(incident(title=words, service_name=words, dedup_key=words, answered_by=words)),
        **dict.fromkeys(("affected", "link", "details"), words),
        "alerts": 1,
        "due": [],
        "timeline": [{"at": NOW, "what": words, "why": words}],
        "notifications": [
            {"due": NOW, "channel": "sms", "user_name": words, "state": "sent", "delivery": words, "because": words}
        ],
    }
    said = [render.incident(about), render.incidents({"incidents": [about]}), render.answered({**about, "changed": 1})]
    for text in said:
        unstyled = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert not [one for one in unstyled if not one.isprintable() and one != "\n"]
    # Bold and colours are ours, and end where they begin.
    assert sum(text.count("\x1b") for text in said) == sum(text.count("\x1b[") for text in said)
    rows = render.incidents({"incidents": [about]}).splitlines()
    assert len(rows) == 2, "one incident is one line"


@every
def test_a_spreadsheet_computes_nothing_of_it(words: str) -> None:
    person = {"user": words, "who": words, "phone": "+15550100101"}
    shift = {"schedule": words, "time_zone": "UTC", "start": NOW, "until": NOW, "because": words, **person}
    table = roster.table({"shifts": [shift], "services": [], "catch_all": [person]})
    for row in csv.DictReader(io.StringIO(table, newline="")):
        for name, cell in row.items():
            assert name == "phone" or not re.match(r"""[\s\0"']*[=+@-]""", cell) or cell.startswith("'")


@every
def test_a_calendar_has_it_in_one_event(words: str) -> None:
    people = {**config().users, "ada": replace(user("ada"), name=words)}
    plan = replace(schedule("ada"), layers=(replace(schedule("ada").layers[0], name=words),))
    named = config(users=people, schedules={"shop": plan})
    written = feed.calendar(named, feed.Feed(feed.Kind.SCHEDULE, "shop"), NOW, NOW)
    plain_one = feed.calendar(
        config(schedules={"shop": schedule("ada")}), feed.Feed(feed.Kind.SCHEDULE, "shop"), NOW, NOW
    )
    assert properties(written) == properties(plain_one)


def properties(text: str) -> list[tuple[str, ...]]:
    """Give what a calendar program finds: each component with the names in it."""
    found: Any = Calendar.from_ical(text)
    return [(one.name, *one.keys()) for one in found.walk()]


@every
def test_a_line_of_the_log_is_one(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.event(words, incident=words)
    [line] = capsys.readouterr().out.split("\n")[:-1]
    assert json.loads(line)["severity"] == "INFO"


def test_a_million_rounds_take_no_time_because_there_are_no_loops() -> None:
    """What would run a million times elsewhere is forty letters here."""
    loop = "{% for x in range(1000000) %}x{% endfor %}"
    assert len(wording.page(incident(title=loop), notification(), again=False)) < 200
