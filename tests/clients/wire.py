"""A gRPC wire between the Firestore client and the emulator: it notes every call, and breaks where it is told to."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import grpc
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from tocsin.clients.firestore import FirestoreStore
from tocsin.clients.optimistic import Patience


@dataclass(frozen=True)
class Fault:
    """What the client hears instead of the answer; `done` says whether Firestore did it all the same."""

    code: grpc.StatusCode
    done: bool = False


class Wire(grpc.GenericRpcHandler):
    """Listens on `host`, passes bytes on to `upstream`, and keeps the names of the calls in `calls`."""

    def __init__(self, upstream: str) -> None:
        self._channel = grpc.insecure_channel(upstream)
        self._server = grpc.server(ThreadPoolExecutor(max_workers=32), handlers=[self])
        self.host = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self.calls: list[str] = []
        self.faults: dict[str, list[Fault | None]] = {}

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(grace=None).wait()
        self._channel.close()

    def breaks(self, call: str, *faults: Fault | None) -> None:
        """Let the next calls of this name fail in this order; None lets one pass."""
        self.faults[call] = list(faults)

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Iterator[bytes], Iterator[bytes]]":
        method = handler_call_details.method

        def relay(questions: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            call = method.rpartition("/")[2]
            self.calls.append(call)
            waiting = self.faults.get(call)
            fault = waiting.pop(0) if waiting else None
            if fault is None or fault.done:
                answers = self._ask(method, list(questions), context)
            if fault:
                context.abort(fault.code, "the wire broke")
            yield from answers

        return grpc.stream_stream_rpc_method_handler(relay)

    def _ask(self, method: str, questions: list[bytes], context: grpc.ServicerContext) -> list[bytes]:
        try:
            call: grpc.StreamStreamMultiCallable[bytes, bytes] = self._channel.stream_stream(method)
            return list(call(iter(questions), timeout=30))
        except grpc.RpcError as error:
            context.abort(error.code(), error.details() or "")
            raise


@contextmanager
def firestore_at(
    host: str, project: str, patience: Patience | None = None, call_seconds: float = 5.0
) -> Iterator[FirestoreStore]:
    """Give the store over a channel of its own, and close it."""
    with grpc.insecure_channel(host) as channel:
        api = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
        yield FirestoreStore(api, project, patience, call_seconds)
