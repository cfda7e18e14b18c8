"""Keeps documents in Firestore with as few trips as its preconditions allow: a create is one, a change is two."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc
from google.api_core import exceptions
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.protobuf.timestamp_pb2 import Timestamp

from tocsin.clients.documents import check_query, split_path
from tocsin.clients.optimistic import Attempt, Conflict, Patience, Seen
from tocsin.clients.optimistic import transact as run
from tocsin.clients.protobuf import Document, from_fields, to_fields, to_query
from tocsin.clients.store import Data, Exists, Transaction, Where
from tocsin.errors import Unavailable, Uncertain

T = TypeVar("T")
Read = dict[str, Seen[Timestamp] | None]

CALL_SECONDS = 5.0
HOST = "firestore.googleapis.com"
# A connection that died while the instance slept is noticed after 30 s, not after the operating system's minutes.
CHANNEL = [("grpc.keepalive_time_ms", 30_000), ("grpc.max_receive_message_length", -1)]

CommitRequest = types.CommitRequest.pb()
Precondition = types.Precondition.pb()
Write = types.Write.pb()


def connect(project: str) -> "FirestoreStore":
    """Give the store of a project's default database, or the emulator's if FIRESTORE_EMULATOR_HOST names one."""
    emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
    channel = (
        grpc.insecure_channel(emulator, options=CHANNEL)
        if emulator
        else FirestoreGrpcTransport.create_channel(HOST, options=CHANNEL)
    )
    return FirestoreStore(FirestoreClient(transport=FirestoreGrpcTransport(channel=channel)), project)


class FirestoreStore:
    """Documents in Firestore, through the RPC layer of the official client.

    The layer above it takes three trips for a transaction, no time-out for two of them, repeats a commit whose answer
    was lost, and gives a contended document up after five tries without a pause. Here a rule runs over plain reads, and
    one commit carries all of them as preconditions: nothing is ever locked.
    """

    def __init__(
        self, api: FirestoreClient, project: str, patience: Patience | None = None, call_seconds: float = CALL_SECONDS
    ) -> None:
        """Use the default database of `project`; a call may take `call_seconds`, and none is repeated unasked."""
        self._api = api
        self._database = f"projects/{project}/databases/(default)"
        self._patience = patience or Patience()
        resource = ("google-cloud-resource-prefix", self._database)
        self._call: dict[str, Any] = {"retry": None, "timeout": call_seconds, "metadata": [resource]}

    def get(self, path: str) -> Data | None:
        """Give the document or None."""
        seen = self._read([path])[path]
        return seen.data if seen else None

    def query(
        self, collection: str, *where: Where, order_by: str | None = None, limit: int = 100
    ) -> list[tuple[str, Data]]:
        """Give (id, document) of those for which every condition holds; `order_by` sorts values of one type."""
        check_query(collection, where, order_by, limit)
        query = to_query(collection, where, order_by, limit)
        request = types.RunQueryRequest(parent=f"{self._database}/documents", structured_query=query)
        with _reading():
            answers = [types.RunQueryResponse.pb(answer) for answer in self._api.run_query(request, **self._call)]
        found = [answer.document for answer in answers if answer.HasField("document")]
        return [(document.name.rpartition("/")[2], from_fields(document.fields)) for document in found]

    def transact(self, rule: Callable[[Transaction], T]) -> T:
        """Run the rule and commit what it wrote; it may run several times, so it has no effects of its own."""
        return run(rule, self._read, self._commit, self._patience)

    def _name(self, path: str) -> str:
        split_path(path)
        return f"{self._database}/documents/{path}"

    def _read(self, paths: Collection[str]) -> Read:
        names = {self._name(path): path for path in paths}
        request = types.BatchGetDocumentsRequest(database=self._database, documents=list(names))
        with _reading():
            stream = self._api.batch_get_documents(request, **self._call)
            answers = [types.BatchGetDocumentsResponse.pb(answer) for answer in stream]
        read: Read = {names[answer.missing]: None for answer in answers if answer.missing}
        for found in (answer.found for answer in answers if answer.HasField("found")):
            read[names[found.name]] = Seen(from_fields(found.fields), found.update_time)
        return read

    def _commit(self, attempt: Attempt[Timestamp]) -> None:
        writes = [self._write(path, data, attempt) for path, data in attempt.writes.items()]
        writes += [self._unchanged(path, attempt.reads[path]) for path in attempt.only_read()]
        try:
            self._send(writes)
        except Conflict as conflict:
            lost_create = isinstance(conflict.__cause__, exceptions.AlreadyExists)
            if lost_create and len(attempt.created) == 1 and not attempt.reads:
                raise Exists(*attempt.created) from conflict
            raise

    def _unchanged(self, path: str, seen: Seen[Timestamp] | None) -> Any:
        """Give a write that changes nothing, and fails if the document is not as it was seen.

        An update of no field keeps the document's update_time (google/firestore/v1/write.proto, WriteResult), and there
        is nothing to delete where nothing is. A transaction would do as well, but one whose process dies keeps its
        locks for a minute, and with them everything that this incident still needs.
        """
        if seen is None:
            absent = Write(delete=self._name(path))
            absent.current_document.exists = False
            return absent
        same = Write(update=Document(name=self._name(path)))
        same.update_mask.SetInParent()
        same.current_document.update_time.CopyFrom(seen.version)
        return same

    def _write(self, path: str, data: Data, attempt: Attempt[Timestamp]) -> Any:
        """Give the write, with what must still be true of its document."""
        write = Write(update=Document(name=self._name(path), fields=to_fields(data)))
        seen = attempt.reads.get(path)
        if seen:
            write.current_document.update_time.CopyFrom(seen.version)
        elif path in attempt.reads or path in attempt.created:
            write.current_document.exists = False
        return write

    def _send(self, writes: list[Any]) -> None:
        request = CommitRequest(database=self._database, writes=writes)
        try:
            self._api.commit(types.CommitRequest.wrap(request), **self._call)
        except (exceptions.Conflict, exceptions.FailedPrecondition, exceptions.NotFound) as error:
            raise Conflict(error.message) from error
        except exceptions.InvalidArgument as error:
            raise ValueError(f"Firestore refuses the documents: {error.message}") from error
        except (exceptions.ServerError, exceptions.Cancelled) as error:
            raise Uncertain(f"Firestore did not say whether it wrote it: {error.message}") from error
        except exceptions.GoogleAPICallError as error:
            raise Unavailable(f"Firestore did not write it: {error.message}") from error


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except exceptions.InvalidArgument as error:
        raise ValueError(f"Firestore refuses the question: {error.message}") from error
    except exceptions.GoogleAPICallError as error:
        raise Unavailable(f"Firestore did not answer: {error.message}") from error
