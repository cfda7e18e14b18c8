"""Numbers that cost whoever calls them many times the usual, which is why frauds have them paged: none ever is.

Told by their first digits, as each country's numbering plan has them. What a plan does not keep apart is not here: for
the rest a configuration says which calling codes its people have.
"""

from collections.abc import Iterable

SATELLITE = ("870", "881", "882", "883")
"""Inmarsat, the mobile satellite systems, and the networks that belong to no country."""

PREMIUM = (
    *("878", "888", "979", "991"),  # the world: personal numbers, trials, premium rate
    *("1900",),  # United States, Canada and their neighbours
    *("31900", "31906", "31909"),  # Netherlands
    *("3290",),  # Belgium
    *("3389", "3381", "3382"),  # France
    *("34803", "34806", "34807", "34905", "34907"),  # Spain
    *("351601", "351607", "351608", "351760"),  # Portugal
    *("358600", "358700"),  # Finland
    *("39892", "39894", "39895", "39899", "39144", "39166"),  # Italy
    *("41900", "41901", "41906"),  # Switzerland
    *("43900", "43901", "43930", "43931"),  # Austria
    *("449", "4470", "4484", "4487"),  # United Kingdom: premium, personal and revenue-sharing numbers
    *("4590",),  # Denmark
    *("46900", "46939", "46944"),  # Sweden
    *("47820", "47829"),  # Norway
    *("4870",),  # Poland
    *("49900", "49137", "49118"),  # Germany: services, votes, directories
    *("6119",),  # Australia
    *("64900",),  # New Zealand
    *("81990",),  # Japan
)

SHARED = ("808", "49180", "39848", "41840", "41842", "41844", "41848", "43810", "43820", "43821")
"""Numbers whose holder is paid a part of each call."""

_DEAR = {"a satellite number": SATELLITE, "a premium-rate number": PREMIUM, "a shared-cost number": SHARED}


def dear(number: str) -> str:
    """Say what kind of dear number it is, in E.164 with its plus; nothing for what costs the usual."""
    digits = number.removeprefix("+")
    return next((kind for kind, first in _DEAR.items() if digits.startswith(first)), "")


def allowed(number: str, codes: Iterable[str]) -> bool:
    """Say whether a number has one of the calling codes, as in +49 or +1; without any, each does."""
    known = tuple(codes)
    return not known or number.startswith(known)
