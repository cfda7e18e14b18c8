"""Bad bodies, headers, paths and forgeries, made by hand: one entry of a table is one case, or one with each field."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from tests.hostile.doors import (
    ACCOUNT,
    FORM,
    GOOD,
    INGEST,
    KEYS,
    NUMBER,
    PATHS,
    PRIMARY,
    REPLY,
    Pairs,
    Request,
    signed,
)


@dataclass(frozen=True)
class Case:
    """A request by name; `refused` if nothing may come of it, otherwise it may be taken or not."""

    name: str
    request: Request
    refused: bool = False


# One a line: no JSON, and nothing that only looks like it.
SYNTAX = r"""
{
}
[
]
{}{}
[][]
{}x
x{}
{]
[}
[1,]
[,1]
[,]
[1,,2]
[1 2]
[1:2]
["a":1]
[1;2]
["a",
["a"
["a
["\
["\"
[1,2
[[]
[]]
[[[]]
{"a"
{"a":
{"a":1
{"a":1,
{"a":1,}
{"a":1,,"b":2}
{,"a":1}
{"a" 1}
{"a"}
{"a":}
{:1}
{"a":1 "b":2}
{"a":"b":"c"}
{"a":1]
["a":1}
{a:1}
{'a':1}
{"a":'b'}
{1:1}
{null:1}
{true:1}
{[]:1}
{{}:1}
{"a":1;"b":2}
{"a"=1}
{"a"=>1}
{"a":1}}
{"a":1}]
{"a":1},
{"a":1};
{"a":1}//
{"a":1}#
{"a":1}/**/
{/**/"a":1}
// x
# x
/* x */
<!-- x -->
-- x
nul
nulL
NULL
Null
nil
None
undefined
tru
True
TRUE
tRue
truefalse
fals
False
yes
on
-
--1
+
+1
++1
-+1
- 1
-a
-x1
01
-01
007
1.
-1.
.1
-.1
1.e1
1.2.3
1e
1e+
1e-
1E
1ee1
1e1e1
1e1.5
0x10
0X1F
0b1
0o7
1_000
1,000
1 000
1f
1L
1n
1a
１
٣
∞
½
NaN
nan
-NaN
Inf
inf
-Inf
Infinity
-Infinity
+Infinity
infinity
"
""x
"a" "b"
"a"b"
a"b"
'a'
`a`
“a”
"\x00"
"\a"
"\v"
"\0"
"\'"
"\ "
"\é"
"\U0041"
"\u"
"\u0"
"\u00"
"\u004"
"\u00G0"
"\u-041"
"\u+041"
"\u 041"
"\u{41}"
"\ud800\u"
"\ud800\u1"
"\ud83d\ude0"
*
$
@
&
%7B%7D
\u007b\u007d
&#123;&#125;
{{}}
${x}
{{7*7}}
{% raw %}
<x/>
<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>
<html><body>502 Bad Gateway</body></html>
title=checkout&severity=critical
title: checkout is down
- title: checkout
[alert]
alert,checkout,down
checkout is down
GET / HTTP/1.1
POST /v2/enqueue HTTP/1.1
)]}',{}
for(;;);{}
while(1);{}
callback({})
new Date()
{"a":new Date()}
{"a":undefined}
{"a":NaN}
{"a":[Infinity]}
{"a":-Infinity}
{"a":b}
{"a":...}
{...}
[...]
{"a":1e}
{"a":01}
{"a":+1}
{"a":.5}
{"a":1.}
{"a":0x1}
{"a":1_0}
{"a":"}
{"a":"\"}
{"a":"\u12"}
{"a":"\x41"}
{"a":{}
{"a":[}
{"a":[1}
{"a":[1,]}
{"a":[,]}
{"a":tru}
{"a":nul}
{"a":"b}
{"a:"b"}
{a":"b"}
{""a":1}
{"a"":1}
{"a"::1}
{"a":1:2}
{"a",1}
{"a",:1}
{"a":(1)}
{"a":<b>}
{"a":@b}
{"a":$b}
{"a":`b`}
{"a":/b/}
{"a":b'c'}
{"a":u"b"}
{"a":"b"+"c"}
{"a":"b" "c"}
{"a":1+1}
{"a":-}
{"a":--1}
{"a":1/2}
{"a":1%}
data: {}
id: 1
""".strip("\n").split("\n")

GOOD_TEXT = json.dumps(GOOD["generic"])
# Bytes that are no UTF-8 text, or no text at all.
ENCODINGS: dict[str, bytes] = {
    "nothing": b"",
    "a blank": b" ",
    "line ends": b"\r\n\r\n",
    "only a byte order mark": b"\xef\xbb\xbf",
    "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf{}",
    "a late byte order mark": b" \xef\xbb\xbf{}",
    "half a byte order mark": b"\xef\xbb{}",
    "a vertical tab": b"\x0b{}",
    "a form feed": b"\x0c{}",
    "a no-break space": b"\xc2\xa0{}",
    "a line separator": b"\xe2\x80\xa8{}",
    "NUL": b"\x00",
    "NUL before": b"\x00{}",
    "NUL after": b"{}\x00",
    "NUL between": b'{"a":\x001}',
    "escape": b"\x1b[2J{}",
    "delete": b"\x7f{}",
    "Ctrl-Z": b"{}\x1a",
    "Latin-1": b'{"title":"caf\xe9"}',
    "Windows-1252": b'{"title":"\x93down\x94"}',
    "Shift-JIS": '{"title":"障害"}'.encode("shift-jis"),
    "GB18030": '{"title":"故障"}'.encode("gb18030"),
    "EUC-KR": '{"title":"장애"}'.encode("euc-kr"),
    "KOI8-R": '{"title":"авария"}'.encode("koi8-r"),
    "EBCDIC": GOOD_TEXT.encode("cp500"),
    "UTF-16": GOOD_TEXT.encode("utf-16"),
    "UTF-16 LE": GOOD_TEXT.encode("utf-16-le"),
    "UTF-16 BE": GOOD_TEXT.encode("utf-16-be"),
    "UTF-32": GOOD_TEXT.encode("utf-32"),
    "UTF-32 LE": GOOD_TEXT.encode("utf-32-le"),
    "UTF-32 BE": GOOD_TEXT.encode("utf-32-be"),
    "UTF-7": b"+AHs-+AH0-",
    "quoted-printable": b"=7B=7D",
    "base64": b"e30=",
    "a lone continuation": b'"\x80"',
    "two continuations": b'"\xbf\xbf"',
    "half a character": b'"\xe2\x82"',
    "half an emoji": b'"\xf0\x9f\x98"',
    "an overlong slash": b'"\xc0\xaf"',
    "an overlong NUL": b'"\xc0\x80"',
    "an overlong euro": b'"\xf0\x82\x82\xac"',
    "a raw high surrogate": b'"\xed\xa0\x80"',
    "a raw low surrogate": b'"\xed\xb0\x80"',
    "a raw pair of surrogates": b'"\xed\xa0\xbd\xed\xb8\x80"',
    "beyond Unicode": b'"\xf4\x90\x80\x80"',
    "five bytes": b'"\xf8\x88\x80\x80\x80"',
    "FE": b'"\xfe"',
    "FF": b'"\xff"',
    "a torn quote": b'{"title":"x\xc3"}',
    "a bad key": b'{"\xff":1}',
    "gzip": gzip.compress(b"{}"),
    "zip": b"PK\x03\x04\x14\x00\x00\x00",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "PDF": b"%PDF-1.7\n",
    "ELF": b"\x7fELF\x02\x01\x01",
    "protobuf": b"\x0a\x04test",
    "MessagePack": b"\x81\xa5title\xa1x",
    "CBOR": b"\xa1\x65title\x61x",
    "BSON": b"\x16\x00\x00\x00\x02title\x00\x02\x00\x00\x00x\x00\x00",
    "pickle": b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00.",
    "a TLS hello": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    "every byte": bytes(range(256)),
}

# Opened so often, with something inside, and closed again or not.
NESTING = [
    (opening, inside, closing, depth)
    for opening, inside, closing in [
        ("[", "", "]"), ('{"a":', "1", "}"), ('[{"a":', "1", "}]"), ("[", "", ""), ('{"a":', "", ""),
        ("", "", "]"), ("", "1", "}"), ("[[],", "1", "]"), ('{"a":1,"b":', "[]", "}"),
    ]
    for depth in (65, 1_000, 100_000)
]  # fmt: skip

NUMBERS = """
-0 -0.0 0e0 0e999 0e-999 1e-400 1e308 1.7976931348623157e308 1e309 -1e309 1e400 1e999999999 1E+400 1e-999999999
9007199254740993 2147483648 -2147483649 4294967296 9223372036854775807 9223372036854775808 -9223372036854775808
-9223372036854775809 18446744073709551616 99999999999999999999999999999999 1234567890123456789012345678901234567890
12345678901234567890123456789012345678901 0.1234567890123456789012345678901234567890123 4.9e-324 2.2250738585072011e-308
0.1 0.30000000000000004 1e1 1E1 1e+1 123e-10000000 100e-2 5e-324 3.141592653589793238462643383279502884197
""".split()  # noqa: SIM905 - a list of a hundred literals is no table

# What stands inside the quotes of a JSON string, one a line.
STRINGS = r"""
\u0020
\u0000
a\u0000b
\u0001\u0002\u0003
\b\f\n\r\t
\u001b[31mred\u001b[0m
\u007f
\u0080\u009f
\u00a0
\u00ad\u00ad\u00ad
\u2028\u2029
\u200b\u200c\u200d\u2060
\ufeff
\ufffe\uffff
\ufdd0
\ue000
\ud800
\udfff
a\ud800b
\udc00\ud800
\ud83d\ud83d\ude00
\ud83d\ude00
\udbff\udfff
\u202edown si tuokcehc
\u202a\u202b\u202c\u202d
\u2066x\u2069
\u061c
اَلْعَرَبِيَّةُ
ﷺ
ﷲ
Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮
T̷̢̛͉̯̝͖̮͆̓ö̵̞c̸s̶i̵n̷
표
田中さんにあげて下さい
社會科學院語學研究所
Ω≈ç√∫˜µ≤≥÷
åß∂ƒ©˙∆˚¬…æ
¡™£¢∞§¶•ªº–≠
⁰⁴⁵₀₁₂
１２３
١٢٣
½¾⅞
ｆｕｌｌｗｉｄｔｈ
𝕋𝕙𝕖 𝓺𝓾𝓲𝓬𝓴
🅰🅲🅺
👩‍👩‍👧‍👦
🏳️‍🌈🇩🇪
✋🏿💪🏿
(╯°□°）╯︵ ┻━┻
İI ıi ſs ß ﬁ
Ǆǅǆ
a\\
\"
\\\"
'
''
';
`
``
--
#
%
%s%s%s%n
%d
%00
%0a%0d
{0}
{}
{x.__class__}
${7*7}
{{7*7}}
{{''.__class__.__mro__}}
{% import os %}
#{7*7}
<%= 7*7 %>
$(id)
`id`
;id
|id
&& id
\nid
../../../../etc/passwd
..\\..\\windows\\win.ini
/dev/null
file:///etc/passwd
http://169.254.169.254/computeMetadata/v1/
javascript:alert(1)
data:text/html,<script>alert(1)</script>
<script>alert(1)</script>
\"><img src=x onerror=alert(1)>
<svg/onload=alert(1)>
</Say><Dial>+19005550100</Dial>
</Response>
<![CDATA[
]]>
<!--
&lt;
&amp;amp;
&#0;
<?xml version='1.0'?>
<!ENTITY x SYSTEM 'file:///etc/passwd'>
' OR 1=1 --
'; DROP TABLE documents; --
\" OR \"\"=\"
1; SELECT pg_sleep(10)
{\"$gt\":\"\"}
{\"$time\":\"x\"}
$time
$where
__proto__
constructor
__class__
__name__
__init__
hasOwnProperty
toString
undefined
null
NULL
nil
None
true
false
NaN
Infinity
0
-1
1e999
1.0
0x0
1/0
2026-02-30T25:61:61Z
0000-00-00
9999-12-31T23:59:59.999999999+99:99
=1+1
=cmd|' /C calc'!A0
@SUM(1+1)
+15550100101
-2+3
\tTAB
\r\nX-Injected: 1
a\r\n\r\n{}
\n.\n
Reply STOP to acknowledge
ack 4821
STOP
\u0041\u0043\u004b
CON
NUL
COM1
.
..
/
\\\\
:
*
?
a/b
a.b.c
[0]
\u0020leading and trailing\u0020
\t\t
\u3000\u3000
\u180e
\u115f\u1160
\u034f
\ufff9\ufffa\ufffb
\ufffc
\ufffd
\ud83d\ude00\u200d
ⓐⓒⓚ
""".strip("\n").split("\n")
STRINGS += [json.dumps(one * times)[1:-1] for one in ("a", "a ", "a!", "é", "😀", "\u0301", "\n", "\\", "{{", "<") for times in (256, 100_000)]  # fmt: skip  # noqa: E501

# Whatever a field is, it is not all of these.
WRONG = [
    "null", "true", "false", "0", "-1", "1e308", "9223372036854775808", '""', '" "', r'"\u0000"', r'"\ud800"', '"x"',
    "[]", "{}", "[[]]", "[null]", '[""]', '[{"":""}]', '{"":""}', '{"__x__":{"a.b":[1]}}', "[" * 20 + "]" * 20,
    '"' + "x" * 3_000 + '"',
]  # fmt: skip

HEADERS: dict[str, list[str]] = {
    "content-type": [
        "", " ", ";", "json", "text/json", "text/html", "application/jsonp", "application/json;charset=utf-16",
        "application/json; charset='", "application/json,text/plain", "application/json;" * 1_000, "*/*", "a/b/c",
        "APPLICATION/JSON", "application/xml", "application/octet-stream", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/mixed; boundary=x", "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-7", "message/http", "x" * 8_000, "\xff\xfe", "%s", "\x01",
    ],
    "content-encoding": [
        "", " ", "identity", "IDENTITY", "gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "compress", "aes128gcm",
        "gzip, gzip", "identity, identity", ",", "x" * 8_000, "\xff", "\x00",
    ],
    "content-length": ["", "-1", "1e3", "0x10", "1,1", " 5", "+5", "abc", "99999999999999999999", "\xff", "5;5"],
    "transfer-encoding": ["chunked", "identity", "gzip, chunked", "xchunked", "\x0bchunked"],
    "expect": ["100-continue", "200-ok"],
    "host": ["", "[", "]", "[::1", "a b", "a/b", "a?b", "a#b", "a@b", "evil.example:99999", "evil.example:x", "\xff",
             "x" * 8_000, "[::1]:80:80", "..", "%00", "\u00e9"],
    "x-forwarded-for": ["127.0.0.1", "' OR 1=1", "x" * 8_000, ",,,,"],
    "x-forwarded-host": ["evil.example", "[", ""],
    "x-forwarded-proto": ["javascript", "https,http"],
    "forwarded": ['for="[::1]";host=evil.example', "x"],
    "authorization": ["", "Basic", "Basic =", "Basic \xff", "Bearer " + "x" * 8_000, "Token token=", 'Digest a="b'],
    "cookie": ["", "=", ";;;;", "a=" + "x" * 8_000, "\xff=\xff"],
    "x-http-method-override": ["DELETE", "GET"],
    "accept": ["", "x", "*/*;q=x", "text/html"],
    "accept-encoding": ["*;q=0", "x"],
    "range": ["bytes=0-", "x"],
    "if-none-match": ["*", "x"],
    "connection": ["upgrade", "close, content-type"],
    "upgrade": ["websocket", "h2c"],
    "traceparent": ["x", "00-" + "0" * 32 + "-" + "0" * 16 + "-00"],
    "x-cloud-trace-context": ["x", "/;o=9", "\xff"],
    "function-execution-id": ["", "x" * 8_000, "\r", "\xff"],
    "ce-type": ["x"],
    "ce-specversion": ["1.0", "x"],
    "x-cloudtasks-taskname": ["x"],
    "x-twilio-signature": ["", "=", "x" * 28, "\xff" * 28, "x" * 8_000],
    "()": ["() { :;}; id"],
    "x": ["\t", "a\tb", "\x7f", "x" * 60_000],
}  # fmt: skip

QUERIES = ["a=b", "=", "&&&&", "%", "%zz", "%ff", "%00", "a" * 8_000, "&".join(["a=1"] * 2_000), "a[b][c]=1", "\xff",
           "\xe9=1", "routing_key=x", "n=..%2f..", "?", "%E2%82", "+", ";"]  # fmt: skip

# Below the function's own address; there is nothing at any of them.
STRAYS = """
/ // /// /. /.. /../.. /%2e%2e /%2e%2e/%2e%2e/etc/passwd /..%2f..%2fetc%2fpasswd /%252e%252e /%c0%ae%c0%ae /%ff /%ff/%fe
/%00 /%00/%00 /%0d%0aX-Injected:1 /%20 /%20/%20 /%09 /; /;a=b /? /%3f /%23 /%5c /%5c%5c /@ /: /* /~ /- /_ /+ /= /& /,
/v2 /v2/ /v1/enqueue /v3/enqueue /V2/ENQUEUE /v2/enqueue/x /v2/enqueue.json /v2/enqueue;x /v2/change
/v2/change/enqueue/x
/change/enqueue /enqueue /v2%2fchange /v2/%65nqueu /pagerduty /pagerduty/ /pagerduty/x/y /alertmanager /alertmanager/
/alertmanager/a/b /Alertmanager/x /alertmanager%00/x /generic /generic/ /generic/a/b/c /generic%2fx /GENERIC/x /nagios/x
/_plain/x /__init__/x /__pycache__/x /os/x /sys/x /tocsin.sources.generic/x /generic.py/x /../generic/x /%2e/generic/x/y
/generic/%20 /generic/%09 /generic/%C2%A0 /generic/%E3%80%80 /ingest /ingest/ /ingest/ingest/generic/x /ingest/reply/sms
/reply /reply/ /admin /metrics /healthz /.env /.git/config /wp-login.php /robots.txt/x /favicon.ico/x /index.html
/%F0%9F%94%A5 /%ED%A0%80 /%E2%82 /%u0041 /%zz /% /%% /%1 /a%2fb%2fc /a%00b/c /a;b=c/d /x/%0a /x/%0d /x/%1b /x/%7f /x/%80
""".split()  # noqa: SIM905 - as above
STRAYS += ["/" + "a" * 8_000, "/" + "a/" * 4_000, "/" + "%2f" * 2_000, "/" + "%41" * 2_000, "/generic/" + "a/" * 2_000]
WRONG_KEYS = ["x", "x" * 8_000, "%ff%fe", "%00", "%E2%82", "%ED%A0%80", "..", ".", "%2e%2e", "a%2fb", "%0d%0a", "*",
              "'%20OR%201=1", "%25", "%3f", "%23", "~", "%F0%9F%94%91", KEYS[1].upper(), KEYS[1] + "x", KEYS[1][:-1],
              "null", "undefined", "%7B%7B7*7%7D%7D", "-1", "0"]  # fmt: skip
METHODS = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]

# What Twilio would never say, in each of its parameters.
FORM_VALUES = [
    "", " ", "\x00", "\n", "x", "x" * 5_000, "-1", "99999999999999999999", "٣", "é", "\ud800", "\u202e", "../../x",
    "a/b", "'", "<x>", "{{7*7}}", "%00", f"x&From={PRIMARY}", f"{PRIMARY}From{PRIMARY}", "null", "[]", "SM" + "g" * 32,
]  # fmt: skip
FORM_FIELDS = ("AccountSid", "MessageSid", "CallSid", "From", "To", "Body", "Digits", "MessageStatus", "CallStatus",
               "ErrorCode", "AnsweredBy", "OptOutType", "NumMedia", "MediaUrl0")  # fmt: skip
TWILIO = {
    "sms": {"AccountSid": ACCOUNT, "Body": "help", "From": PRIMARY, "MessageSid": "SM" + "7" * 32, "To": NUMBER},
    "voice": {"AccountSid": ACCOUNT, "CallSid": "CA" + "7" * 32, "Digits": "4", "From": NUMBER, "To": PRIMARY},
    "status": {"AccountSid": ACCOUNT, "MessageSid": "SM" + "7" * 32, "MessageStatus": "delivered", "To": PRIMARY},
}
SIGNATURES = ["", " ", "=", "x" * 28, "A" * 27 + "=", "\xff" * 28, "x" * 8_000, "null", "0", "sha1=x", "\x00", "é" * 28]
RAW_FORMS = [b"", b"&", b"=", b"&&&", b"===", b"%", b"%zz", b"%ff", b"%00=%00", b"Body", b"Body=", b"=ack",
             b"Body=ack;From=x", b"\xff\xfe", b"\x00", b"{}", b"Body=%ED%A0%80", b"a=1&" * 201, b"a" * 64 * 1024,
             b"a" * 65 * 1024,
             b"--x\r\nContent-Disposition: form-data; name=Body\r\n\r\nack\r\n--x--"]  # fmt: skip


def cases(door: str, notification: str = "0") -> Iterator[Case]:
    """Give everything that fits a door; names are equal for the same thing at different doors.

    What Twilio posts is about the notification that its URL names.
    """
    return _ingest(door) if door in INGEST else _reply(door, f"n={notification}")


def _ingest(door: str) -> Iterator[Case]:
    path = PATHS[door]
    bodies = [(f"syntax {text[:60]!r}", text.encode()) for text in SYNTAX] + list(ENCODINGS.items())
    bodies += [(f"{depth} deep {o + i + c}", (o * depth + i + c * depth).encode()) for o, i, c, depth in NESTING]
    for name, raw in bodies:
        yield Case(name, Request(path, raw), refused=True)
    for field, token, name in _fields(door):
        yield Case(name, Request(path, _with(door, field, token)))
    yield from _shapes(door)
    yield from _envelopes(door)
    yield from _strays(door)


def _shapes(door: str) -> Iterator[Case]:
    good = json.dumps(GOOD[door])
    for name, text in {
        "no object but null": "null",
        "no object but a number": "7",
        "no object but a text": '"x"',
        "no object but a list": "[]",
        "a list of it": f"[{good}]",
        "a thousand and one of it": f"[{','.join([good] * 1001)}]",
        "each key twice, the first right": good[:-1] + ", " + ", ".join(f'"{name}": null' for name in GOOD[door]) + "}",
        "each key twice, the last right": "{" + ", ".join(f'"{name}": []' for name in GOOD[door]) + ", " + good[1:],
        "keys in capitals": json.dumps({name.upper(): value for name, value in GOOD[door].items()}),
        "keys with blanks": json.dumps({f" {name} ": value for name, value in GOOD[door].items()}),
        "10,001 keys": json.dumps({**GOOD[door], **{f"k{n}": n for n in range(10_001)}}),
        "9,000 keys": json.dumps({**GOOD[door], **{f"k{n}": n for n in range(9_000)}}),
        "a key of 100,000 characters": json.dumps({**GOOD[door], "k" * 100_000: 1}),
        "5 MB of blanks": " " * 5_000_000 + good,
        "5 MB of text": json.dumps({**GOOD[door], "x": "x" * 5_000_000}),
    }.items():
        yield Case(name, Request(PATHS[door], text.encode()), refused=name.startswith("5 MB"))


def _envelopes(door: str) -> Iterator[Case]:
    good = _good(door)
    for name, values in HEADERS.items():
        for value in values:
            header = (name.encode(), value.encode("utf-8" if max(map(ord, value), default=0) > 255 else "latin-1"))
            yield Case(f"{name}: {value[:40]!r}", replace(good, headers=(*good.headers, header)))
            yield Case(f"{name}: {value[:40]!r} first", replace(good, headers=(header, *good.headers)))
    for query in QUERIES:
        yield Case(f"?{query[:40]!r}", replace(good, query=query.encode("latin-1")))
    for method in METHODS:
        yield Case(method, replace(good, method=method), refused=True)
    for number in (0, 1, len(good.body) - 1):
        yield Case(f"hung up after {number}", replace(good, pieces=(number,), hangs_up=True), refused=True)
    yield Case("a byte at a time", replace(good, pieces=(1,) * len(good.body)))
    yield Case("empty pieces", replace(good, pieces=(0,) * 1000))
    yield Case("a thousand headers", replace(good, headers=good.headers + ((b"x", b"y"),) * 1000))


def _strays(door: str) -> Iterator[Case]:
    good = _good(door)
    for path in STRAYS:
        yield Case(f"at {path[:40]}", replace(good, path=path), refused=True)
    if door in {"alertmanager", "generic", "cloudwatch"}:
        for key in WRONG_KEYS:
            yield Case(f"key {key[:40]}", replace(good, path=f"/{door}/{key}"), refused=True)
    else:
        field = "service_key" if door == "v1" else "routing_key"
        for key in WRONG_KEYS:
            yield Case(f"key {key[:40]}", replace(good, body=_with(door, field, json.dumps(key))), refused=True)


def _reply(door: str, query: str) -> Iterator[Case]:
    path, form = PATHS[door], list(TWILIO[door].items())
    good = signed(path, form, query)
    proof = good.headers[1]
    for name in FORM_FIELDS:
        for value in FORM_VALUES:
            yield Case(f"signed {name}={value[:40]!r}", _signed(path, [*_without(form, name), (name, value)], query))
            forged = replace(good, body=_encoded([*_without(form, name), (name, value)]))
            yield Case(f"forged {name}={value[:40]!r}", forged, refused=True)
        yield Case(f"signed without {name}", _signed(path, _without(form, name), query))
        yield Case(f"signed twice {name}", _signed(path, [*form, (name, "x"), (name, "y")], query), refused=True)
    for raw in RAW_FORMS:
        yield Case(f"form {raw[:40]!r}", replace(good, body=raw), refused=True)
    for value in SIGNATURES:
        sent = value.encode()
        headers = ((b"content-type", FORM), (b"x-twilio-signature", sent))
        yield Case(f"signature {value[:40]!r}", replace(good, headers=headers), refused=True)
    for place in range(len(proof[1])):
        changed = proof[1][:place] + (b"A" if proof[1][place : place + 1] != b"A" else b"B") + proof[1][place + 1 :]
        headers = ((b"content-type", FORM), (b"x-twilio-signature", changed))
        # The last digit before the padding has two bits that say nothing; they are compared all the same.
        yield Case(f"signature wrong at {place}", replace(good, headers=headers), refused=True)
    yield from _reply_envelopes(good, form)
    for text in STRINGS:
        told = json.loads(f'"{text}"')
        yield Case(f"signed text {text[:40]!r}", _signed(path, [*_without(form, "Body"), ("Body", told)], query))


def _reply_envelopes(good: Request, form: Pairs) -> Iterator[Case]:
    for name, values in HEADERS.items():
        for value in values:
            header = (name.encode(), value.encode("utf-8" if max(map(ord, value), default=0) > 255 else "latin-1"))
            yield Case(f"{name}: {value[:40]!r}", replace(good, headers=(*good.headers, header)))
    for query in QUERIES:
        yield Case(f"?{query[:40]!r}", replace(good, query=query.encode("latin-1")), refused=True)
        yield Case(f"signed ?{query[:40]!r}", signed(good.path, form, query))
    for identity in FORM_VALUES:
        yield Case(
            f"signed n={identity[:40]!r}", signed(good.path, form, f"n={quote(identity, errors='surrogatepass')}")
        )
    for method in METHODS:
        yield Case(method, replace(good, method=method), refused=True)
    for path in [path for path in STRAYS if path.strip("/") not in {"", "reply"}]:
        yield Case(f"at {path[:40]}", replace(good, path=path), refused=True)
    for length in ("0", "1", "5", "-1", "x", "", "1e3", "99999999999", "0x10"):
        yield Case(f"length {length!r}", replace(good, length=length.encode()))
    yield Case("a longer length", replace(good, length=b"%d" % (len(good.body) + 1)), refused=True)


def _fields(door: str) -> Iterator[tuple[str, str, str]]:
    """Give each field with each thing that it should not be, as JSON, by name."""
    fields = list(paths(GOOD[door]))
    for field in fields:
        for token in WRONG:
            yield field, token, f"{field} is {token[:40]}"
    free = {
        "pagerduty": "payload.summary",
        "change": "payload.summary",
        "v1": "description",
        "generic": "title",
        "cloudwatch": "detail.configuration.description",
    }
    title = free.get(door, "alerts.0.annotations.description")
    for text in STRINGS:
        yield title, f'"{text}"', f"title {text[:40]!r}"
    for number in NUMBERS:
        yield title, number, f"number {number}"


def paths(value: Any, prefix: str = "") -> Iterable[str]:
    """Give the dotted path of everything inside a JSON value."""
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield f"{prefix}{name}"
            yield from paths(inner, f"{prefix}{name}.")


def _with(door: str, field: str, token: str) -> bytes:
    """Give the good body of a door with something else, as JSON, in one place."""
    changed = json.loads(json.dumps(GOOD[door]))
    place = changed
    *way, last = field.split(".")
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[int(last) if isinstance(place, list) else last] = "@@"
    return json.dumps(changed).replace('"@@"', token).encode("utf-8", "surrogatepass")


def _good(door: str) -> Request:
    return Request(PATHS[door], json.dumps(GOOD[door]).encode())


def _without(form: Pairs, name: str) -> list[tuple[str, str]]:
    return [(one, value) for one, value in form if one != name]


def _encoded(form: Pairs) -> bytes:
    return urlencode(form, errors="surrogatepass").encode()


def _signed(path: str, form: Pairs, query: str) -> Request:
    """Sign a form as far as it can be signed: half a character cannot."""
    readable = [(name, value.encode(errors="replace").decode()) for name, value in form]
    return replace(signed(path, readable, query), body=_encoded(form))


def names() -> set[str]:
    """Give the name of every case, once."""
    return {case.name for door in (*INGEST, *REPLY) for case in cases(door)}
