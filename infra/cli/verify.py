"""The operator's proof that a number is the right person's: a code goes there, and comes back."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from infra.cli import render
from infra.cli.configfile import modules
from infra.cli.fields import suggestion
from infra.cli.options import command, everywhere, settings, show
from infra.cli.typist import typed
from tocsin import audit, twiml, wiring
from tocsin.clients.store import Transaction
from tocsin.domain import phone as phones
from tocsin.domain import verification as rules
from tocsin.domain import wording
from tocsin.domain.audit import Kind, entry
from tocsin.domain.config import User
from tocsin.domain.phone import Phone
from tocsin.domain.verification import Verification
from tocsin.records import check_version, from_document, to_document, versioned


@click.command()
@click.argument("user")
@click.argument("code", required=False)
@click.option("--channel", type=click.Choice(sorted(modules("channels"))), default="sms", show_default=True)
@everywhere
def verify(user: str, code: str | None, channel: str) -> None:
    """Verify the number of USER with a code.

    Without CODE one is sent there; with the one that arrived the number is verified. The person can as well reply with
    it. At most 3 codes an hour are sent to a number, and 10 a day for a user.
    """
    settings()
    now = wiring.now()
    users = wiring.current().config(now).users
    if user not in users:
        raise click.ClickException(f'there is no user "{user}"{suggestion(user, users)}')
    if code:
        _take(users[user], code, now)
    else:
        _send(users[user], channel, now)


def _send(person: User, channel: str, now: datetime) -> None:
    """Write down that a code goes out before it does: two commands at once must not send more than is allowed."""
    code = rules.code(wiring.new_id())
    said, retention = typed(None, now), wiring.current().config(now).retention
    told = entry(Kind.ACTION, "a code sent to a number", f"users/{person.id}", said, now, after={"channel": channel})

    def rule(tx: Transaction) -> None:
        _count(tx, person, code, now)
        audit.write(tx, told, retention)

    wiring.store().transact(rule)
    twilio = wiring.twilio()
    if channel == "voice":
        twilio.call(person.phone, twiml.said(wording.spoken_verification(code)), wiring.new_id())
    else:
        twilio.answer(person.phone, wording.verification(code))
    named = {"user": person.id, "name": person.name, "number": ending(person), "channel": channel}
    show({**named, "until": now + rules.VALID}, _sent)


def _count(tx: Transaction, person: User, code: str, now: datetime) -> None:
    where, of_user = phones.path(person.phone), rules.path(person.id)
    found, counted = tx.get(where), tx.get(of_user) or {"sent": []}
    check_version("Sent", counted)
    sent = counted["sent"]
    phone = from_document(Phone, found) if found else Phone()
    allowed = max(
        rules.next_at(phone.verification.sent, rules.PER_NUMBER, now), rules.next_at(sent, rules.PER_USER, now)
    )
    if now < allowed:
        raise click.ClickException(f"enough codes were sent for {person.id}: another one at {render.moment(allowed)}")
    tx.put(where, to_document(replace(phone, verification=phone.verification.sending(person.id, code, now))))
    tx.put(of_user, versioned("Sent", {"sent": [*sent, now][-rules.PER_USER.most :]}))


def _take(person: User, code: str, now: datetime) -> None:
    where, said = phones.path(person.phone), typed(None, now)
    retention = wiring.current().config(now).retention

    def rule(tx: Transaction) -> Verification | None:
        found = tx.get(where)
        phone = from_document(Phone, found) if found else Phone()
        if phone.verification.user != person.id or not phone.verification.is_waiting(now):
            return None
        after = phone.verification.given(rules.code_in(code), now)
        audit.vouched(tx, said, after, retention)
        tx.put(where, to_document(replace(phone, verification=after)))
        return after

    after = wiring.store().transact(rule)
    if after is None:
        raise click.ClickException(f"no code is out for {person.id}: {command(f'verify {person.id}')} sends one")
    if after.code:
        left = rules.MOST_GUESSES - after.guesses
        raise click.ClickException(f"that is not the code that was sent: {left} more tries")
    named = {"user": person.id, "name": person.name, "number": ending(person)}
    show({**named, "verified_at": after.verified_at}, _verified)


def ending(person: User) -> str:
    """Give what tells a number from another one without giving it away."""
    return f"...{person.phone[-4:]}"


def _sent(answer: dict[str, Any]) -> str:
    what = "called with" if answer["channel"] == "voice" else "sent"
    reply = f"reply with it from there, or type {command('verify ' + answer['user'])} CODE"
    return f"{answer['number']} of {render.clean(answer['name'])} is {what} a code: {reply}"


def _verified(answer: dict[str, Any]) -> str:
    return f"{answer['number']} is the number of {render.clean(answer['name'])}"
