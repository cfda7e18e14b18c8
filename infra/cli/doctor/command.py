"""The operator's examination: everything a page goes through, looked at from outside, with what to do about it."""

import os
from collections.abc import Iterator
from typing import Any

import click
import requests

from infra.cli import render
from infra.cli.doctor import cloud, doors, inside, telephone
from infra.cli.doctor.asking import Google, Telephone
from infra.cli.doctor.finding import Check, Deployment, Finding, State
from infra.cli.fields import suggestion
from infra.cli.options import everywhere, is_idle, is_json, settings, show
from infra.cli.test_page import reached
from tocsin import wiring
from tocsin.domain.config import Config
from tocsin.errors import TocsinError

CHECKS: tuple[Check, ...] = (
    inside.configuration,
    inside.sweeps,
    inside.waiting,
    inside.canary,
    inside.budget,
    doors.answer,
    doors.answer_again,
    doors.keys,
    doors.signatures,
    doors.private,
    cloud.queues,
    cloud.subscriptions,
    cloud.clock,
    cloud.indexes,
    cloud.expiry,
    cloud.secrets,
    telephone.account,
    telephone.number,
    telephone.countries,
    telephone.registration,
)
_COLOURS = {State.WELL: "green", State.DOUBTFUL: "yellow", State.BROKEN: "red", State.SKIPPED: "white"}


@click.command()
@click.option("--page", metavar="USER", help="Page USER with a test as well, and await the answer.")
@everywhere
def doctor(page: str | None) -> None:
    """Examine the deployment, and say what to do.

    Looks at the public and private functions, keys, signatures, queues, subscriptions, the clock, indexes, secrets, the
    Twilio account, the configuration, the last sweep and the canary. Changes nothing.

    Exit codes: 0 nothing is broken, 1 something is.
    """
    settings()
    examined = deployment()
    if page:
        _known(page, examined.config)
    findings: list[Finding] = []
    for finding in _all(examined, page):
        findings.append(finding)
        if not is_json():
            click.echo(_line(finding))
    broken = sum(one.state is State.BROKEN for one in findings)
    show({"broken": broken, "findings": [vars(one) for one in findings]}, _verdict)
    if broken:
        raise click.exceptions.Exit(1)


def deployment() -> Deployment:
    """Give what the settings lead to, and the ways to it."""
    here = wiring.settings()
    token = here.twilio_tokens[0] if here.twilio_tokens else ""
    account = Telephone(here.twilio_account, token, here.twilio_number, here.twilio_api_url)
    web = requests.Session()
    web.trust_env = False
    second = os.environ.get("TOCSIN_SECOND_URL", "").rstrip("/")
    return Deployment(here, wiring.now(), _config(), wiring.store(), web, account, _google(), second)


def _config() -> Config | None:
    try:
        return wiring.moment().config
    except TocsinError:
        return None


def _google() -> Google | None:
    """Give Google's APIs as whoever is logged in, or None where an emulator or a file stands in for them."""
    here = wiring.settings()
    if here.embedded or os.environ.get("FIRESTORE_EMULATOR_HOST"):
        return None
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    try:
        credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    except google.auth.exceptions.DefaultCredentialsError:
        raise click.ClickException("nobody is logged in: `gcloud auth application-default login`") from None
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    return Google(session, here.project, here.queue.split("/")[3])


def _all(examined: Deployment, page: str | None) -> Iterator[Finding]:
    is_stopped = is_idle()
    for check in CHECKS:
        if is_stopped and check.__module__ != inside.__name__:
            continue
        yield from _tried(check, examined)
    if is_stopped:
        yield Finding("pager", State.BROKEN, "this pager does not run, so nothing else was looked at", "infra/local/up")
    elif page:
        yield _paged(page)


def _tried(check: Check, examined: Deployment) -> Iterator[Finding]:
    """Give what a check finds; one that fails hides none of the others."""
    try:
        yield from check(examined)
    except TocsinError as error:
        yield Finding(check.__name__, State.BROKEN, str(error), "look at the log of what is named")


def _known(user: str, config: Config | None) -> None:
    users = config.users if config else {}
    if user not in users:
        raise click.ClickException(f'there is no user "{user}"{suggestion(user, users)}')


def _paged(user: str) -> Finding:
    person = wiring.moment().config.users[user]
    if reached(person, "sms"):
        return Finding("test page", State.WELL, f"{person.name} has answered the test page")
    remedy = f"`infra/tocsin test-page {user}` shows how far it comes"
    return Finding("test page", State.BROKEN, f"{person.name} did not answer the test page", remedy)


def _line(finding: Finding) -> str:
    state = click.style(f"{finding.state:9}", fg=_COLOURS[finding.state])
    said = f"{state} {finding.part}: {render.clean(finding.sentence)}"
    return f"{said}\n{'':10}{finding.remedy}" if finding.remedy else said


def _verdict(answer: dict[str, Any]) -> str:
    if answer["broken"]:
        return click.style(f"\n{answer['broken']} broken", fg="red")
    return click.style("\nnothing is broken", fg="green")
