"""Knocks at each function from outside: the public ones answer and believe nobody, the others answer nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

import requests

from infra.cli.doctor.asking import SECONDS
from infra.cli.doctor.finding import Deployment, Finding, State, judged


@dataclass(frozen=True)
class Door:
    """How a public function is asked, and what it says to that; some stand in a second region as well."""

    name: str
    method: str
    path: str
    status: int
    words: str
    stands_twice: bool = True


DOORS = (
    Door("ingest", "GET", "/ingest/", 404, "refused"),
    Door("reply", "POST", "/reply/sms", 415, "Twilio"),
    Door("calendar", "GET", "/calendar/wrong", 404, "no such calendar", stands_twice=False),
)
PRIVATE = ("route", "notify", "escalate", "sweep")
NOT_FOR_YOU = (401, 403, 404)
_RIGHTS = "`terraform apply` in infra/gcp gives the rights back that are missing, and takes the others"


def answer(found: Deployment) -> Iterator[Finding]:
    """Look whether ingest, reply and calendar are there, in their own words: a proxy's error page is none."""
    for door in DOORS:
        yield _answers(found, door, found.settings.public_url, door.name)


def answer_again(found: Deployment) -> Iterator[Finding]:
    """Look whether ingest and reply are there in the second region too; behind a domain one door leads to both."""
    if not found.second_url:
        yield Finding("second region", State.SKIPPED, "there is none, or none that has an address of its own")
        return
    for door in DOORS:
        if door.stands_twice:
            yield _answers(found, door, found.second_url, f"second {door.name}")


def _answers(found: Deployment, door: Door, url: str, part: str) -> Finding:
    status, said = _knock(found, door.method, f"{url}{door.path}")
    name = door.name
    remedy = f"look at the domain, its certificate, and whether {name} starts: `gcloud run services describe {name}`"
    well = status == door.status and door.words in said
    return judged(part, f"{name} answers {status or 'nothing'} at {url}", remedy, well=well)


def keys(found: Deployment) -> Iterator[Finding]:
    """Look whether an alert with a key that nobody has is refused."""
    url = f"{found.settings.public_url}/ingest/generic/no-such-key-of-anybody"
    status, _ = _knock(found, "POST", url, json={"title": "a key that nobody has"})
    sentence = f"an alert with a wrong key is answered {status or 'nothing'}"
    remedy = "a wrong key must be refused: which version runs? `terraform apply` deploys this one"
    yield judged("keys", sentence, remedy, well=status in NOT_FOR_YOU)


def signatures(found: Deployment) -> Iterator[Finding]:
    """Look whether a text that Twilio has not signed is refused, and a link that we have not."""
    form = {"AccountSid": found.settings.twilio_account, "MessageSid": f"SM{'0' * 32}", "From": "+15550100199"}
    forged = {"X-Twilio-Signature": "Zm9yZ2VkIGJ5IHRoZSBkb2N0b3I="}
    url = f"{found.settings.public_url}/reply/sms"
    status, _ = _knock(found, "POST", url, data={**form, "Body": "?"}, headers=forged)
    sentence = f"a forged text is answered {status or 'nothing'}"
    remedy = "anybody could answer a page: take `reply` from the network until this is 403"
    yield judged("signatures", sentence, remedy, well=status == requests.codes.forbidden)
    status, _ = _knock(found, "POST", f"{found.settings.public_url}/reply/page/forged", data={"do": "acknowledge"})
    sentence = f"a forged link is answered {status or 'nothing'}"
    yield judged("links", sentence, remedy, well=status == requests.codes.not_found)


def private(found: Deployment) -> Iterator[Finding]:
    """Look whether the functions that only Google calls refuse whoever brings no token."""
    if not found.google:
        yield Finding("private functions", State.SKIPPED, "on one machine nothing stands before the functions")
        return
    for name in PRIVATE:
        status, _ = _knock(found, "POST", f"{found.settings.functions_url}/{name}", json={})
        yield judged(name, f"{name} answers {status or 'nothing'} without a token", _RIGHTS, well=status in NOT_FOR_YOU)


def _knock(found: Deployment, method: str, url: str, **more: object) -> tuple[int, str]:
    """Give status and words; 0 if nobody answers."""
    try:
        said = found.web.request(method, url, timeout=SECONDS, allow_redirects=False, **more)  # type: ignore[arg-type]
    except requests.RequestException as error:
        return 0, type(error).__name__
    return said.status_code, said.text
