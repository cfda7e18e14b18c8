"""Whom a function of ours believes, by where it runs: nothing is open because something was forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.clients.google import Google, token
from tocsin import wiring
from tocsin.errors import Forbidden

ACCOUNT = "tocsin-by-pubsub@pager-123.iam.gserviceaccount.com"
PLACE = "https://europe-west1-pager-123.cloudfunctions.net"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("K_SERVICE", "TOCSIN_CALLER", "TOCSIN_CALLER_CHECKED_BY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FUNCTIONS_URL", f"{PLACE}/")
    _forget()
    yield monkeypatch
    _forget()


def _forget() -> None:
    for made in (wiring.settings, wiring.caller):
        made.cache_clear()


def shown(**other: object) -> str:
    at = int(datetime.now(UTC).timestamp())
    said = {"iss": "https://accounts.google.com", "aud": f"{PLACE}/route", "email": ACCOUNT, "email_verified": True}
    return token({**said, "iat": at, "exp": at + 3600, **other})


def test_on_a_laptop_nobody_signs_and_all_are_believed(environment: pytest.MonkeyPatch) -> None:
    del environment
    wiring.caller("route")(None)


@pytest.mark.parametrize("header", [None, "Bearer x.y.z", f"Bearer {shown()}"])
def test_what_is_deployed_and_does_not_know_its_caller_believes_nobody(
    environment: pytest.MonkeyPatch, header: str | None
) -> None:
    environment.setenv("K_SERVICE", "route")
    environment.setenv("TOCSIN_CALLER_CHECKED_BY", "cloud-run")
    with pytest.raises(Forbidden, match="until TOCSIN_CALLER names the service account"):
        wiring.caller("route")(header)


@pytest.mark.parametrize("checked_by", ["", "cloud run", "true"])
def test_a_token_without_a_signature_is_believed_behind_cloud_run_alone(
    environment: pytest.MonkeyPatch, checked_by: str
) -> None:
    environment.setenv("TOCSIN_CALLER", ACCOUNT)
    environment.setenv("TOCSIN_CALLER_CHECKED_BY", checked_by)
    bare = f"Bearer {shown().rpartition('.')[0]}.SIGNATURE_REMOVED_BY_GOOGLE"
    environment.setattr("requests.Session.get_adapter", lambda *_, **__: Google())
    with pytest.raises(Forbidden, match="signature is not Google's"):
        wiring.caller("route")(bare)
    environment.setenv("TOCSIN_CALLER_CHECKED_BY", "cloud-run")
    _forget()
    wiring.caller("route")(bare)


def test_a_token_is_for_the_function_below_the_address_of_all(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TOCSIN_CALLER", ACCOUNT)
    environment.setenv("TOCSIN_CALLER_CHECKED_BY", "cloud-run")
    bare = f"Bearer {shown().rpartition('.')[0]}.SIGNATURE_REMOVED_BY_GOOGLE"
    wiring.caller("route")(bare)
    with pytest.raises(Forbidden, match=f"for another audience than {PLACE}/sweep"):
        wiring.caller("sweep")(bare)
