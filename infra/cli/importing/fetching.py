"""Asks a product's REST API for all that an import reads: page by page, as slowly as the API wants it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from infra.cli.importing.export import Dialect, Export, Resource, objects
from tocsin.errors import Forbidden, Malformed, Unavailable

CONNECT, READ = 5.0, 30.0
TRIES = 6
LONGEST_PAUSE = 300.0  # seconds: longer than any of the three products asks for
MOST_PAGES = 1000
# A plan without a feature, or a token without the right to it: the rest can still be moved.
NOT_FOR_US = {HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Api:
    """One account of one product; the token goes to this address and nowhere else."""

    def __init__(self, url: str, token: str, dialect: Dialect, pause: Callable[[float], None]) -> None:
        """Keep the address; raises Malformed for one that would show the token to the network."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise Malformed(f"{url} is not an https address: the token would be readable on its way")
        self._url, self._dialect, self._pause = url.rstrip("/"), dialect, pause
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would replace the token by another one
        self._session.headers.update(dialect.headers(token))

    def export(self, resources: tuple[Resource, ...]) -> Export:
        """Fetch everything; raises Forbidden for a token that is not accepted, Unavailable after the last try."""
        export = Export()
        for resource in resources:
            for path in list(export.paths(resource.path)):
                for body in self._pages(resource, path):
                    export.add(path, body)
        return export

    def _pages(self, resource: Resource, path: str) -> Iterator[Any]:
        parts = (self._url, resource.version, quote(path))
        where = "/".join(part for part in parts if part) + self._dialect.ending
        seen = 0
        for number in range(MOST_PAGES):
            page = self._dialect.page(number, seen) if resource.is_paged else {}
            body = self._asked(where, {**resource.query, **page}, is_needed=resource.is_needed)
            if body is None:
                return
            yield body
            seen += len(objects(path, body))
            if not (resource.is_paged and isinstance(body, dict) and self._dialect.has_more(body)):
                return
        raise Unavailable(f"{where} has no end after {MOST_PAGES} pages")

    def _asked(self, where: str, query: Mapping[str, str | list[str]], *, is_needed: bool) -> Any:
        """Give the answer's JSON, None for what this account has not; waits when it is told to."""
        for attempt in range(TRIES):
            try:
                answer = self._session.get(where, params=query, timeout=(CONNECT, READ), allow_redirects=False)
            except requests.RequestException as error:
                trouble, wait = f"cannot be reached ({type(error).__name__})", 2.0**attempt
            else:
                if not _is_busy(answer.status_code):
                    return _body(where, answer, is_needed=is_needed)
                trouble, wait = f"answers {answer.status_code}", _wait(answer.headers.get("Retry-After"), attempt)
            if attempt + 1 < TRIES:
                self._pause(wait)
        raise Unavailable(f"{where} {trouble}, {TRIES} times over: try again later")


def _is_busy(status: int) -> bool:
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _wait(said: str | None, attempt: int) -> float:
    """Read Retry-After, seconds or a date; without it the pause doubles."""
    try:
        seconds = float(said) if said else 2.0**attempt
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said or "") - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            seconds = 2.0**attempt
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def _body(where: str, answer: requests.Response, *, is_needed: bool) -> Any:
    status = answer.status_code
    if status in NOT_FOR_US and not is_needed:
        return None
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise Forbidden(f"{where} answers {status}: the token is not accepted there, or may not read this")
    if status != HTTPStatus.OK:
        raise Malformed(f"{where} answers {status}: is this the address of the API?")
    try:
        return answer.json()
    except ValueError:
        raise Malformed(f"{where} does not answer JSON: is this the address of the API?") from None
