"""A good configuration file, the same with its keys hashed, and the ways to break it."""

import re

from tocsin.domain.keys import digest

GOOD = """\
users:
  alice: {name: Alice Martin, phone: "+15550100101", notify: {high: [sms, voice after 2m], low: [sms]}}
  bob: {name: Bob Okafor, phone: "+15550100102", notify: {high: [sms], low: [sms]}}
schedules:
  primary:
    time_zone: Europe/London
    rotation: {users: [alice, bob], turn: 1w, start: 2026-01-05 09:00}
    overrides:
      - {user: bob, start: 2026-07-01 18:00, end: 2026-07-02 09:00}
policies:
  shop:
    levels:
      - {notify: [schedule primary], delay: 5m}
      - {notify: [user bob], delay: 10m}
    repeat: 2
services:
  checkout:
    name: Checkout
    policy: shop
    urgency: high
    integrations:
      checkout-am: {source: alertmanager, key: aaaaaaaaaaaaaaaaaaaaaaaa, old_keys: [bbbbbbbbbbbbbbbbbbbbbbbb]}
      checkout-any: {source: generic, key: cccccccccccccccccccccccc, options: {title: summary}}
catch_all: {users: [bob], every: 30m}
"""

HASHED = re.sub(r"[abc]{24}", lambda found: f"sha256:{digest(found[0])}", GOOD)

# what is changed, into what, the line it then stands in, a part of the sentence
BROKEN = {
    "unknown field": ("    urgency: high", "    urgancy: high", 20, 'unknown field "urgancy", did you mean urgency?'),
    "unknown section": ("schedules:", "scedules:", 4, 'unknown field "scedules", did you mean schedules?'),
    "missing field": ("    name: Checkout\n", "", 17, 'services.checkout: "name" is missing'),
    "free texts": (
        "catch_all: {users: [bob], every: 30m}",
        "catch_all: {users: [bob], every: 30m}\nbudget: {month: 50, text: 0, call: 0.02}",
        25,
        "budget.text: input should be greater than 0",
    ),
    "budget without a price": (
        "catch_all: {users: [bob], every: 30m}",
        "catch_all: {users: [bob], every: 30m}\nbudget: {month: 50, text: 0.012}",
        25,
        'budget: "call" is missing: what a minute of a call costs there',
    ),
    "number of a premium rate": (
        '"+15550100102"',
        '"+19005550102"',
        3,
        'users.bob.phone: "+19005550102" is a premium-rate number: these are never paged',
    ),
    "number of a satellite": ('"+15550100102"', '"+881612345678"', 3, "is a satellite number"),
    "number of another country": (
        "catch_all: {users: [bob], every: 30m}",
        'catch_all: {users: [bob], every: 30m}\ncalling_codes: ["+49", "+15550100101"]',
        3,
        '"+15550100102" has none of the calling_codes: +49, +15550100101',
    ),
    "country in words": (
        "catch_all: {users: [bob], every: 30m}",
        "catch_all: {users: [bob], every: 30m}\ncalling_codes: [+1, UK]",
        25,
        'calling_codes[2]: "UK" is not a calling code: write +49',
    ),
    "missing section": ("catch_all: {users: [bob], every: 30m}", "", 1, '"catch_all" is missing'),
    "service without a policy": ("    policy: shop\n", "", 17, '"policy" is missing: the escalation policy'),
    "unknown policy": ("policy: shop", "policy: shopp", 19, 'there is no policy "shopp", did you mean shop?'),
    "unknown user in a rotation": ("users: [alice, bob]", "users: [alice, bbob]", 7, "did you mean bob?"),
    "unknown user in an override": ("{user: bob, start", "{user: carol, start", 9, 'there is no user "carol"'),
    "unknown user in a policy": ("notify: [user bob]", "notify: [user dave]", 14, 'there is no user "dave"'),
    "unknown schedule": (
        "[schedule primary]",
        "[schedule primari]",
        13,
        'no schedule "primari", did you mean primary?',
    ),
    "unknown user in the catch-all": ("catch_all: {users: [bob]", "catch_all: {users: [zoe]", 24, 'no user "zoe"'),
    "empty catch-all": ("catch_all: {users: [bob]", "catch_all: {users: []", 24, "catch_all.users: is empty"),
    "policy without levels": (
        "    levels:\n      - {notify: [schedule primary], delay: 5m}\n      - {notify: [user bob], delay: 10m}\n",
        "    levels: []\n",
        12,
        "nobody answers this policy",
    ),
    "level without targets": ("notify: [user bob]", "notify: []", 14, "levels[2].notify: is empty: nobody answers"),
    "target of no kind": (
        "notify: [user bob]",
        "notify: [bob]",
        14,
        '"bob" is nobody to notify: write user, schedule or team',
    ),
    "urgency without rules": ("notify: {high: [sms], low: [sms]}", "notify: {high: [sms]}", 3, '"low" is missing'),
    "urgency with no rules": ("{high: [sms], low: [sms]}", "{high: [sms], low: []}", 3, "low: is empty"),
    "number without a plus": ('"+15550100102"', '"15550100102"', 3, '"15550100102" is not a phone number in E.164'),
    "number with spaces": ('"+15550100102"', '"+1 555 010 0102"', 3, "E.164"),
    "number of another script": ('"+15550100102"', '"+1555010010٢"', 3, "E.164"),
    "number too long": ('"+15550100102"', '"+1234567890123456"', 3, "E.164"),
    "duration without a unit": ("delay: 5m", "delay: 5", 13, '"5" is not a duration'),
    "duration in words": ("every: 30m", "every: half an hour", 24, "as in 30s, 5m, 2h, 1d or 1w"),
    "duration of nothing": ("delay: 5m", "delay: 0s", 13, "longer than nothing"),
    "duration of years": ("delay: 5m", "delay: 999999999w", 13, "is not a duration"),
    "wait of months": ("delay: 5m", "delay: 9w", 13, "at most 4w"),
    "unknown time zone": ("Europe/London", "Europe/Lodnon", 6, "did you mean Europe/London?"),
    "unknown channel": ("high: [sms, voice", "high: [sms, vioce", 2, 'no channel "vioce", did you mean voice?'),
    "contact rule in words": ("voice after 2m", "voice later", 2, '"voice later" is not a contact rule'),
    "unknown source": ("source: alertmanager", "source: alertmanger", 22, "did you mean alertmanager?"),
    "source that is no module": ("source: generic", "source: __init__", 23, 'there is no source "__init__"'),
    "name written twice": (
        "  bob: {name",
        "  alice: {name",
        3,
        '"alice" is written twice: it already stands in line 2',
    ),
    "field written twice": ("    urgency: high", "    policy: shop", 20, '"policy" is written twice'),
    "key used twice": ("key: cccccccccccccccccccccccc", "key: aaaaaaaaaaaaaaaaaaaaaaaa", 23, "this key is used twice"),
    "key used as an old one": ("key: cccccccccccccccccccccccc", "key: bbbbbbbbbbbbbbbbbbbbbbbb", 23, "used twice"),
    "key too short": ("key: cccccccccccccccccccccccc", "key: short", 23, "has 5 characters: a key needs at least 20"),
    "key written twice, once as its hash": (
        "key: cccccccccccccccccccccccc",
        "key: sha256:09f61f8d9cd65e6a0c258087c485b6293541364e42bd97b2d7936580c8aa3c54",
        23,
        "this key is used twice",
    ),
    "hash that is cut short": (
        "key: cccccccccccccccccccccccc",
        "key: sha256:4201e9bd22abc08c",
        23,
        "is not the SHA-256 of a key: write sha256: and its 64 digits",
    ),
    "old key that ends at no time": (
        "[bbbbbbbbbbbbbbbbbbbbbbbb]",
        "[bbbbbbbbbbbbbbbbbbbbbbbb until tomorrow]",
        22,
        '"tomorrow" is not a time',
    ),
    "old key and words": (
        "[bbbbbbbbbbbbbbbbbbbbbbbb]",
        "[bbbbbbbbbbbbbbbbbbbbbbbb for a while]",
        22,
        "is not a key: write it alone, or with its end in UTC",
    ),
    "key that no URL carries": ("cccccccccccccccccccccccc", '"cccccccccccc/cccccccccccc"', 23, "cannot be a key"),
    "name with a capital": ("  checkout-am:", "  checkout-AM:", 22, "use a-z, 0-9, - and _"),
    "name with a slash": ("  shop:", "  a/b:", 11, '"a/b" is not a name'),
    "text instead of a list": ("users: [alice, bob]", "users: alice", 7, 'should be a list, not "alice"'),
    "list instead of a text": ("name: Checkout", "name: [Checkout]", 18, "should be a text, not a list"),
    "mapping instead of a list": ("overrides:\n      - {", "overrides: {", 8, "should be a list, not a mapping"),
    "text instead of a mapping": ("catch_all: {users: [bob], every: 30m}", "catch_all: bob", 24, "mapping of fields"),
    "nothing instead of a text": ("name: Checkout", "name:", 18, "should be a text, not nothing"),
    "words instead of a number": ("repeat: 2", "repeat: twice", 15, 'should be a whole number, not "twice"'),
    "number too small": ("repeat: 2", "repeat: -1", 15, "greater than or equal to 0"),
    "urgency of no kind": (
        "urgency: high",
        "urgency: loud",
        20,
        'high, low, by_severity or by_support_hours, not "loud"',
    ),
    "override that ends before it starts": ("end: 2026-07-02 09:00", "end: 2026-07-01 08:00", 9, "after the start"),
    "time with a zone": ("2026-01-05 09:00", "2026-01-05T09:00Z", 7, "schedule's own time zone"),
    "day that is not in the calendar": ("2026-01-05 09:00", "2026-02-30 09:00", 7, "not in the calendar"),
    "tab": ("    policy: shop", "\tpolicy: shop", 19, "a tab stands where YAML wants spaces"),
    "bracket left open": ("users: [bob], every: 30m}", "users: [bob, every: 30m}", 24, "not YAML"),
    "two documents": ("schedules:", "---\nschedules:", 4, "it holds two documents"),
    "name that is a list": ("  bob: {name", "  [bob]: {name", 3, "a name must be a text"),
    "line break in a name": ("name: Checkout", 'name: "Check\\nout"', 18, "a character that cannot be printed"),
    "half a character": ("name: Checkout", 'name: "\\ud800"', 18, "a character that cannot be printed"),
    "character that is no text": ("name: Checkout", "name: Check\x07out", 18, "a character that is not text"),
}
