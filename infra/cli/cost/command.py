"""The operator's question what all this costs: by a million alerts, a page, an idle month, and the month of a team."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import click

from infra.cli.cost.bill import HOURS, MINUTES, canaries, cost, idle, month
from infra.cli.cost.operations import ACTS, IDLE
from infra.cli.cost.page import page
from infra.cli.cost.prices import COUNTRIES, MILLION, SEAT, Country
from infra.cli.cost.standing import charged, list_price
from infra.cli.options import everywhere, show
from infra.cli.render import table

SOURCES = "infra/gcp/COSTS.md says which day and page each price is of"
_AMOUNT = click.FloatRange(min=0)


@click.command("cost")
@click.option("--alerts", type=click.IntRange(min=0), default=50_000, show_default=True, help="Accepted in a month.")
@click.option(
    "--pages", type=click.IntRange(min=0), default=3_200, show_default=True, help="Texts and calls to people."
)
@click.option(
    "--calls", type=click.IntRange(min=0), help="How many of the pages are calls (one in eleven unless given)."
)
@click.option("--users", type=click.IntRange(min=1), default=20, show_default=True, help="People in the team.")
@click.option("--country", default="US", show_default=True, help="Where they are texted and called.")
@click.option("--text", type=_AMOUNT, help="Dollars for a text there, where no price is known here.")
@click.option("--call", type=_AMOUNT, help="Dollars for a minute of a call there.")
@click.option("--markdown", is_flag=True, help="Print the page of costs, with what was counted and every price.")
@everywhere
def cost_(
    alerts: int, pages: int, calls: int | None, users: int, country: str, *, markdown: bool, **prices: float | None
) -> None:
    """Say what a pager costs a month, beside a seat at PagerDuty.

    Google's operations are counted in tests and not guessed; prices are published ones. No network is needed.
    """
    if calls is not None and 2 * calls > pages:
        raise click.BadParameter("every call follows a text: at most half of the pages are calls")
    answer = _answer(alerts, pages, calls, users, _country(country.upper(), prices))
    if markdown:
        click.echo(page(_text(answer)))
    else:
        show(answer, _text)


def _country(code: str, prices: Mapping[str, float | None]) -> Country:
    """Give the prices there; raises click.ClickException where none are known and none were given."""
    known = COUNTRIES.get(code)
    given = {name: Decimal(str(price)) for name, price in prices.items() if price is not None}
    if known is None and len(given) < len(prices):
        where = f"twilio.com/en-us/sms/pricing/{code.lower()} and twilio.com/en-us/voice/pricing/{code.lower()}"
        raise click.ClickException(f"no price is known here for {code}: look at {where}, and give --text and --call")
    there = known or COUNTRIES["US"]
    text, call = given.get("text", there.text), given.get("call", there.call)
    # What arrives is mostly cheaper elsewhere; taken is what a text costs, so that nobody is told too little.
    return replace(there, text=text, call=call, heard=there.heard if known else text)


def _answer(alerts: int, pages: int, calls: int | None, users: int, country: Country) -> dict[str, Any]:
    acts = {name: cost(one.times(MILLION), country) for name, one in ACTS.items() if name != IDLE}
    used, quiet = month(alerts, pages, calls), cost(idle(), country, MINUTES)
    whole = cost(used, country, MINUTES)
    total = whole.charged + charged() + whole.twilio + country.number
    return {
        "million": {
            name: {"google": _cents(one.list_price), "twilio": _cents(one.twilio)} for name, one in acts.items()
        },
        "page": {"text": float(country.text), "call": float(country.call)},
        "idle_month": {
            "google_list": _cents(quiet.list_price + list_price()),
            "google": _cents(quiet.charged + charged()),
            "twilio": _cents(country.number),
            "canary_every_hour": _cents(cost(canaries(HOURS), country).twilio),
        },
        "month": {
            "alerts": alerts,
            "pages": pages,
            "users": users,
            "google_list": _cents(whole.list_price + list_price()),
            "google": _cents(whole.charged + charged()),
            "twilio": _cents(whole.twilio + country.number),
            "total": _cents(total),
            "by": {name: _cents(each) for name, each in whole.google.items()},
        },
        "pagerduty": {name: _cents(one.of(users)) for name, one in SEAT.items()},
        "pagerduty_times": round(float(min(one.of(users) for one in SEAT.values()) / total), 1),
        "used": {name: round(float(each)) for name, each in vars(used).items()},
    }


def _cents(amount: Decimal) -> float:
    return round(float(amount), 2)


def _text(answer: dict[str, Any]) -> str:
    whole, quiet, each = answer["month"], answer["idle_month"], answer["page"]
    acts: list[tuple[str, ...]] = [("a million times", "Google", "Twilio")]
    acts += [(name, _dollars(one["google"]), _dollars(one["twilio"])) for name, one in answer["million"].items()]
    unfree, number = _dollars(quiet["google_list"]), _dollars(quiet["twilio"])
    seats: list[tuple[str, ...]] = [
        (f"PagerDuty {name}", _dollars(price)) for name, price in answer["pagerduty"].items()
    ]
    lines = [
        *table(acts),
        "",
        f"a page: ${each['text']} for a text of one segment, ${each['call']} for a call of a minute",
        f"an idle month: {_dollars(quiet['google'])} at Google ({unfree} without free tier), {number} for the number",
        f"a canary every hour adds {_dollars(quiet['canary_every_hour'])} for its texts",
        "",
        f"a month of {whole['users']} people, {whole['alerts']:,} alerts, {whole['pages']:,} pages:",
        *(f"  {line}" for line in table([("Google", _dollars(whole["google"])), *_listed(whole), *seats])),
        "",
        f"PagerDuty costs {answer['pagerduty_times']} times as much; {SOURCES}",
    ]
    return "\n".join(lines)


def _listed(whole: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        ("Google, if nothing were free", _dollars(whole["google_list"])),
        ("Twilio, with the number", _dollars(whole["twilio"])),
        ("together", _dollars(whole["total"])),
    ]


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}"
