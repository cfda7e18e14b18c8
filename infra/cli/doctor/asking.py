"""Asks Google's and Twilio's REST APIs what is there; nothing here changes anything."""

from typing import Any
from urllib.parse import urlsplit

import requests
from google.auth.exceptions import GoogleAuthError

from tocsin.errors import TocsinError

SECONDS = 10.0
TWILIO = "https://api.twilio.com"


class Refused(TocsinError):
    """An API did not give what it was asked for; `status` is its answer, 0 if there was none."""

    def __init__(self, sentence: str, status: int = 0) -> None:
        """Keep the sentence and the status."""
        super().__init__(sentence)
        self.status = status


class Google:
    """The APIs of one project in one location, asked as whoever `session` is."""

    def __init__(
        self, session: requests.Session, project: str, location: str, base: str = "https://{service}.googleapis.com"
    ) -> None:
        """Keep who asks; `base` is where a service's API is."""
        self._session, self._base = session, base
        self.project = f"projects/{project}"
        self.here = f"{self.project}/locations/{location}"

    def get(self, service: str, path: str, **query: str) -> dict[str, Any]:
        """Give a resource; raises Refused."""
        return _json(self._session, f"{self._base.format(service=service)}/{path}", query)


class Telephone:
    """One Twilio account; `api_url` is another host of its API, or a stand-in, which stands in for all of its APIs."""

    def __init__(self, account: str, token: str, number: str, api_url: str = "") -> None:
        """Keep who asks."""
        self.number, self._account, self._api_url = number, account, api_url.rstrip("/") or TWILIO
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would replace the token by another one
        self._session.auth = (account, token)

    def account(self, path: str = "", **query: str) -> dict[str, Any]:
        """Give the account, or something of it; raises Refused."""
        return _json(self._session, f"{self._api_url}/2010-04-01/Accounts/{self._account}{path}.json", query)

    def of(self, api: str, path: str, **query: str) -> dict[str, Any]:
        """Give something of Twilio's newer APIs, as voice or messaging; raises Refused."""
        host = urlsplit(self._api_url).hostname or ""
        is_twilio = host.startswith("api.") and host.endswith("twilio.com")
        base = f"https://{api}{host.removeprefix('api')}" if is_twilio else self._api_url
        return _json(self._session, f"{base}/v1/{path}", query)


def _json(session: requests.Session, url: str, query: dict[str, str]) -> dict[str, Any]:
    name = urlsplit(url).hostname
    try:
        answer = session.get(url, params=query, timeout=SECONDS, allow_redirects=False)
    except (requests.RequestException, GoogleAuthError) as error:
        raise Refused(f"{name} could not be asked ({type(error).__name__})") from error
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not answer.ok or not isinstance(found, dict):
        raise Refused(f"{name} answers {answer.status_code}{_reason(found)}", answer.status_code)
    return found


def _reason(found: Any) -> str:
    """Give what Google (error.message) or Twilio (message) says."""
    said = found.get("error", found) if isinstance(found, dict) else {}
    return f": {said['message']}" if isinstance(said, dict) and said.get("message") else ""
