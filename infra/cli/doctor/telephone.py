"""Looks at the Twilio account: whether it may text and call the people, and sends their answers to us."""

from collections.abc import Iterator
from typing import Any

from infra.cli.doctor.asking import Refused, Telephone
from infra.cli.doctor.finding import Deployment, Finding, State, judged
from tocsin.domain.callbacks import REPEAT

LEAST_BALANCE = 10.0
"""In the account's currency: some hundred texts."""

TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})
_UNKNOWN = 404
_NEVER_LAST = 1000


def account(found: Deployment) -> Iterator[Finding]:
    """Look whether the account is alive, whole, and can pay for the next night."""
    try:
        known = found.telephone.account()
    except Refused as error:
        yield _unasked("Twilio", error, "is TWILIO_AUTH_TOKEN the account's present one?")
        return
    status, kind = known.get("status"), known.get("type")
    remedy = "Twilio's console says why, and what it wants"
    yield judged("Twilio", f"the account is {status}", remedy, well=status == "active")
    if kind == "Trial":
        remedy = "upgrade it: a trial texts verified numbers only, and puts its own words before each page"
        yield Finding("Twilio", State.BROKEN, "the account is a trial", remedy)
    try:
        held = found.telephone.account("/Balance")
    except Refused as error:
        yield _unasked("balance", error, "look at it in Twilio's console")
        return
    amount, currency = float(held.get("balance", 0)), held.get("currency", "")
    remedy = "top it up, and turn on automatic recharge: at nothing, nobody is paged"
    yield judged("balance", f"{amount:.2f} {currency} are left", remedy, well=amount >= LEAST_BALANCE)


def number(found: Deployment) -> Iterator[Finding]:
    """Look whether texts to our number come to us, are repeated when that fails, and whether it can text and call."""
    try:
        listed = found.telephone.account("/IncomingPhoneNumbers", PhoneNumber=found.telephone.number)
    except Refused as error:
        yield _unasked("number", error, "look at the number's page in Twilio's console")
        return
    known = next(iter(listed.get("incoming_phone_numbers", [])), None)
    if not known:
        sentence = f"{found.telephone.number} is no number of this account"
        yield Finding("number", State.BROKEN, sentence, "set twilio_from_number to one that is, and apply")
        return
    can = known.get("capabilities", {})
    lacks = [what for what in ("sms", "voice") if not can.get(what)]
    sentence = f"it cannot do {' or '.join(lacks)}" if lacks else "it can text and call"
    yield judged("number", sentence, "buy a number that can do both", well=not lacks)
    wanted, url = f"{found.settings.public_url}/reply/sms{REPEAT}", known.get("sms_url") or "nothing"
    well = url == wanted and known.get("sms_method", "POST") == "POST"
    remedy = f'at Twilio, "A message comes in" has to be {wanted}, with HTTP POST'
    yield judged("answers", f"texts to it are sent to {url}", remedy, well=well)
    yield _fallback(found, known)


def _fallback(found: Deployment, known: dict[str, Any]) -> Finding:
    """Hold what is asked when `reply` fails against what Terraform gave: in the second region, where there is one."""
    wanted = f"{found.second_url or found.settings.public_url}/reply/sms{REPEAT}"
    url, method = known.get("sms_fallback_url"), known.get("sms_fallback_method", "POST")
    if not url:
        remedy = "set it to the second URL of `terraform output twilio`"
        return Finding("fallback", State.DOUBTFUL, 'nothing is set for "Primary handler fails"', remedy)
    remedy = f'at Twilio, "Primary handler fails" has to be {wanted}, with HTTP POST'
    well = url == wanted and method == "POST"
    return judged("fallback", f"texts that fail are sent to {url}", remedy, well=well)


def countries(found: Deployment) -> Iterator[Finding]:
    """Look whether the countries that people live in may be called; those that may be texted no API tells."""
    users = found.config.users if found.config else {}
    try:
        listed = _countries(found.telephone)
    except Refused as error:
        yield _unasked("countries", error, "look at Voice geo permissions in Twilio's console")
        return
    barred = sorted(name for name, user in users.items() if not _may_be_called(user.phone, listed))
    sentence = (
        f"the countries of {', '.join(barred)} may not be called" if barred else "everybody's country may be called"
    )
    yield judged("countries", sentence, "allow them under Voice geo permissions at Twilio", well=not barred)
    sentence = "which countries may be texted only Twilio's console shows"
    yield Finding("countries", State.SKIPPED, sentence, "look at Messaging geo permissions there")


def registration(found: Deployment) -> Iterator[Finding]:
    """Look whether a number of the United States is in a campaign that carriers have approved (A2P 10DLC)."""
    ours = found.telephone.number
    if not ours.startswith("+1") or ours[2:5] in TOLL_FREE:
        yield Finding(
            "registration", State.SKIPPED, f"{ours} is no long code of the United States: it needs no campaign"
        )
        return
    try:
        services = found.telephone.of("messaging", "Services", PageSize="100").get("services", [])
        mine = [one["sid"] for one in services if _holds(found.telephone, one["sid"], ours)]
        statuses = [status for one in mine for status in _campaigns(found.telephone, one)]
    except Refused as error:
        yield _unasked("registration", error, "look at Regulatory compliance in Twilio's console")
        return
    sentence = f"its campaign is {', '.join(statuses) or 'missing'}"
    remedy = "register a brand and a campaign, and add the number to its messaging service: carriers block it else"
    yield judged("registration", sentence, remedy, well="VERIFIED" in statuses)


def _countries(telephone: Telephone) -> list[dict[str, Any]]:
    path, listed = "DialingPermissions/Countries", list[dict[str, Any]]()
    for page in range(_NEVER_LAST):
        found = telephone.of("voice", path, PageSize="200", Page=str(page))
        listed += found.get("content", [])
        if not found.get("meta", {}).get("next_page_url"):
            break
    return listed


def _may_be_called(phone: str, listed: list[dict[str, Any]]) -> bool:
    """Go by the longest code that the number begins with; several countries share one, and any of them will do."""
    codes = [(code.lstrip("+"), one) for one in listed for code in one.get("country_codes") or ()]
    fitting = [(code, one) for code, one in codes if phone.removeprefix("+").startswith(code.replace("-", ""))]
    longest = max((len(code) for code, _ in fitting), default=0)
    return any(one.get("low_risk_numbers_enabled") for code, one in fitting if len(code) == longest)


def _holds(telephone: Telephone, service: str, ours: str) -> bool:
    listed = telephone.of("messaging", f"Services/{service}/PhoneNumbers", PageSize="400").get("phone_numbers", [])
    return any(one.get("phone_number") == ours for one in listed)


def _campaigns(telephone: Telephone, service: str) -> list[str]:
    listed = telephone.of("messaging", f"Services/{service}/Compliance/Usa2p").get("compliance", [])
    return [str(one.get("campaign_status")) for one in listed]


def _unasked(part: str, error: Refused, remedy: str) -> Finding:
    """Give what became of a question: a stand-in does not know every API, and that is no trouble."""
    state = State.SKIPPED if error.status == _UNKNOWN else State.BROKEN
    return Finding(part, state, str(error), remedy)
