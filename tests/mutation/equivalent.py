"""The mutants that make no difference anybody could see, each with its reason."""

_WHOLE = "the whole text must match, so the order in which the words are tried does not matter"
_DECOMPOSES = "the character comes to the same by its decomposition"

EQUIVALENT = {
    "replies.module: VERB = '|'.join(sorted(_WISHES, [key=len,  → ]reverse=True))": _WHOLE,
    "replies.module: '|'.join(sorted(_WISHES, key=len[, reverse=True → ]))": _WHOLE,
    "replies.module: orted(_WISHES, key=len, reverse=[True → False]))": _WHOLE,
    "notification.module: _OTHER = {'[sms': 'voice', ' → ]voice': 'sms'}": "an unknown channel gets a call as well",
    "delivery.module: swer', 'canceled'), 4), 'read': [5 → 6]}": "only the order of the ranks counts",
    "delivery.reported: if RANKS.get(status, [0 → -1]) <= RANKS.get(notification.deli": (
        "a status without a rank is below every other one either way"
    ),
    "gsm.module:  '—': '-', '−': '-', '‐': '-', '[‑': '-', ' → ]…': '...', '•': '*', '·': '*', '": _DECOMPOSES,
    "gsm.module:  '−': '-', '‐': '-', '‑': '-', '[…': '...', ' → ]•': '*', '·': '*', '→': '->', '←": _DECOMPOSES,
    "gsm.module:  'Ł': 'L', 'đ': 'd', 'Đ': 'D', '[ø': 'ø', ' → ]œ': 'oe', 'Œ': 'OE', 'þ': 'th', ": (
        "the character is in the alphabet and never looked for here"
    ),
    "routing._open: iet = acknowledge(replace(opened[, new=() → ]), event.integration, now, 'befo": (
        "a new incident has none yet, and its answer takes them away"
    ),
}
