"""Reads or creates one document over Firestore's REST API: the accept path cannot wait for the gRPC client to load."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError

from tocsin.clients.documents import check_document, split_path
from tocsin.clients.store import Data
from tocsin.errors import Unavailable

HOST = "https://firestore.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/datastore"
CALL_SECONDS = 3.0


class SnapshotReader:
    """The default database of a project, or of the emulator that FIRESTORE_EMULATOR_HOST names; it replaces nothing."""

    def __init__(self, project: str, session: requests.Session | None = None) -> None:
        """Use `session`, which brings its own credentials, or the application's default ones."""
        emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
        self._database = f"projects/{project}/databases/(default)"
        self._documents = f"{f'http://{emulator}' if emulator else HOST}/v1/{self._database}/documents"
        self._session = session or (_emulated() if emulator else _authorized())

    def get(self, path: str) -> Data | None:
        """Give the document or None; raises Unavailable after 3 s at most for each of the token and the answer.

        A missing document is asked for with batchGet, because a plain GET answers 404 for a missing database as well.
        """
        split_path(path)
        question = {"documents": [f"{self._database}/documents/{path}"]}
        try:
            answer = self._session.post(f"{self._documents}:batchGet", json=question, timeout=CALL_SECONDS)
            answer.raise_for_status()
            found = answer.json()[0].get("found")
        except (requests.RequestException, GoogleAuthError, LookupError) as error:
            raise Unavailable(f"Firestore did not give {path}: {error}") from error
        return None if found is None else from_fields(found.get("fields", {}))

    def create(self, path: str, data: Data) -> None:
        """Make a document that must not exist; raises Unavailable, as late as `get`, unless that is certain."""
        check_document(path, data)
        collection, name = split_path(path)
        url, question = f"{self._documents}/{collection}", {"fields": to_fields(data)}
        try:
            self._session.post(url, params={"documentId": name}, json=question, timeout=CALL_SECONDS).raise_for_status()
        except (requests.RequestException, GoogleAuthError) as error:
            raise Unavailable(f"Firestore did not take {path}: {error}") from error


def to_fields(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give a document's fields, or a map's, as Firestore's JSON."""
    return {name: _to_value(value) for name, value in data.items()}


def _to_value(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"nullValue": None}
        case bool():
            return {"booleanValue": value}
        case int():
            return {"integerValue": str(value)}
        case float():
            return {"doubleValue": value}
        case datetime():
            return {"timestampValue": value.astimezone(UTC).isoformat()}
        case dict():
            return {"mapValue": {"fields": to_fields(value)}}
        case list():
            return {"arrayValue": {"values": [_to_value(one) for one in value]}}
    return {"stringValue": value}


def from_fields(fields: Mapping[str, Mapping[str, Any]]) -> Data:
    """Give a document's fields, or a map's, from Firestore's JSON."""
    return {name: _from_value(value) for name, value in fields.items()}


def _from_value(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    match kind:
        case "integerValue":
            return int(content)
        case "doubleValue":
            return float(content)
        case "timestampValue":
            return datetime.fromisoformat(content)
        case "mapValue":
            return from_fields(content.get("fields", {}))
        case "arrayValue":
            return [_from_value(item) for item in content.get("values", [])]
    return content


def _authorized() -> requests.Session:
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = google.auth.default(scopes=[SCOPE])
    session: requests.Session = AuthorizedSession(credentials, refresh_timeout=CALL_SECONDS)  # type: ignore[no-untyped-call]
    return session


def _emulated() -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = "Bearer owner"
    return session
