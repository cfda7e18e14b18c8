"""Stands where Terraform's providers would: the real Terraform validates, plans and applies, and nobody asks Google.

It speaks protocol 5 with the schema of schema.json. What a cloud would make up (an address, an e-mail) it names by what
it is of, so that a plan is known to its last value. A region that is away answers nothing about what stands there.
"""

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import msgspec

Fields = list[tuple[int, "bytes | str | int | Fields"]]
NESTING = {"single": 1, "list": 2, "set": 3}
SERVICE = "tfplugin5.Provider"
UNNAMED = {"string": "", "number": 0, "bool": False}
NAMES = ("name", "account_id", "secret_id", "display_name", "service", "collection", "metric", "type")
# What cannot be changed, at Google, in anything that this module makes: another value is another thing.
FIXED = {
    *("account_id", "bucket", "collection", "database", "field", "filter", "location", "location_id", "member", "name"),
    *("project", "region", "role", "secret_id", "service", "subscription", "topic"),
}
ERROR = 1


def encoded(fields: Fields) -> bytes:
    """Give a protobuf message of numbered fields."""
    return b"".join(_field(number, value) for number, value in fields)


def _field(number: int, value: "bytes | str | int | Fields") -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    raw = encoded(value) if isinstance(value, list) else value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _varint(number: int) -> bytes:
    return (bytes([number & 127 | 128]) + _varint(number >> 7)) if number > 127 else bytes([number])


def decoded(raw: bytes) -> dict[int, bytes]:
    """Give the fields of a message that have a length, by number; numbers are left out."""
    found, at = {}, 0
    while at < len(raw):
        key, at = _number(raw, at)
        length, at = _number(raw, at)
        if key & 7:
            found[key >> 3] = raw[at : at + length]
            at += length
    return found


def _number(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (raw[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if raw[at - 1] < 128:
            return value, at


def schema(block: dict[str, Any]) -> Fields:
    """Give a block of schema.json as Terraform asks for it."""
    attributes: Fields = [(2, _attribute(name, each)) for name, each in block["attributes"].items()]
    blocks: Fields = [(3, _nested(name, each)) for name, each in block["blocks"].items()]
    return attributes + blocks


def _attribute(name: str, each: dict[str, Any]) -> Fields:
    flags = {4: "required", 5: "optional", 6: "computed", 10: "write_only"}
    return [
        (1, name),
        (2, json.dumps(each["type"])),
        *((number, 1) for number, flag in flags.items() if each.get(flag)),
    ]


def _nested(name: str, each: dict[str, Any]) -> Fields:
    least = 1 if each["required"] and each["nesting"] != "single" else 0
    return [(1, name), (2, schema(each)), (3, NESTING[each["nesting"]]), (4, least), (5, each.get("most", 0))]


class Provider:
    """What Terraform calls; `provider` is google or archive, by which the resources are told apart."""

    def __init__(self, provider: str, known: dict[str, Any], away: Collection[str] = ()) -> None:
        """Keep what is known of this provider's resources and data sources, and the regions that are away."""
        self.away = away
        mine = {name: each for name, each in known.items() if name.removeprefix("data.").startswith(f"{provider}_")}
        self.data = {name.removeprefix("data."): each for name, each in mine.items() if name.startswith("data.")}
        self.resources = {name: each for name, each in mine.items() if not name.startswith("data.")}

    def calls(self) -> dict[str, Callable[[bytes], bytes]]:
        """Give what answers each call; one that is not among them is answered as unknown."""
        return {
            "GetSchema": lambda _: self.schemas(),
            "PrepareProviderConfig": lambda raw: encoded([(1, decoded(raw).get(1, b""))]),
            "Configure": lambda _: b"",
            "ValidateResourceTypeConfig": lambda _: b"",
            "ValidateDataSourceConfig": lambda _: b"",
            "PlanResourceChange": lambda raw: self.planned(decoded(raw), self.resources, asked=3),
            "ApplyResourceChange": lambda raw: self.applied(decoded(raw)),
            "ReadResource": lambda raw: self.found(decoded(raw)),
            "UpgradeResourceState": lambda raw: upgraded(decoded(raw)),
            "ReadDataSource": lambda raw: self.planned(decoded(raw), self.data, asked=2),
        }

    def schemas(self) -> bytes:
        """Give every schema; the provider's own holds what this module sets."""
        own = {"attributes": {n: {"type": "string", "optional": True} for n in ("project", "region")}, "blocks": {}}
        fields: Fields = [(1, [(2, schema(own))])]
        for number, kind in ((2, self.resources), (3, self.data)):
            fields += [(number, [(1, name), (2, [(2, schema(each))])]) for name, each in kind.items()]
        return encoded(fields)

    def planned(self, request: dict[int, bytes], known: dict[str, Any], *, asked: int) -> bytes:
        """Give what was asked for, with a name for each thing that the cloud would make up."""
        kind = request[1].decode()
        wanted, before = _value_of(request[asked]), _value_of(request[2]) if asked == 3 else None
        if wanted is None:
            return encoded([(1, _kept(None))])
        called = next((wanted[name] for name in NAMES if isinstance(wanted.get(name), str)), "one")
        where = _region(wanted)
        made = _made_up(wanted, known[kind], f"{kind} {called}{f' in {where}' if where else ''}")
        changed = sorted(name for name in FIXED & made.keys() if before and made[name] != before[name])
        anew: Fields = [(2, [(1, [(1, name)])]) for name in changed]
        return encoded([(1, _kept(made)), *anew])

    def applied(self, request: dict[int, bytes]) -> bytes:
        """Do what was planned, unless it stands in a region that is away."""
        before, planned = _value_of(request[2]), _value_of(request[3])
        if _region(before or planned) in self.away:
            return encoded([(1, _kept(before)), (3, _is_away(request))])
        return encoded([(1, _kept(planned))])

    def found(self, request: dict[int, bytes]) -> bytes:
        """Give what there is as it was last seen: nobody else changes anything."""
        current = _value_of(request[2])
        return encoded([(1, _kept(current)), *([(2, _is_away(request))] if _region(current) in self.away else [])])


def upgraded(request: dict[int, bytes]) -> bytes:
    """Give what Terraform has kept, as it is: there is one version of each schema."""
    return encoded([(1, _kept(json.loads(decoded(request[3])[1])))])


def _is_away(request: dict[int, bytes]) -> Fields:
    return [(1, ERROR), (2, f"{request[1].decode()} is asked for in a region that is away")]


def _kept(value: Any) -> Fields:
    return [(1, msgspec.msgpack.encode(value))]


def _value_of(raw: bytes) -> Any:
    return msgspec.msgpack.decode(decoded(raw)[1])


def _region(value: dict[str, Any] | None) -> str:
    return str((value or {}).get("location") or (value or {}).get("region") or "")


def _made_up(wanted: dict[str, Any], block: dict[str, Any], whose: str) -> dict[str, Any]:
    made = dict(wanted)
    for name, each in block["attributes"].items():
        if each.get("write_only"):
            made[name] = None  # it is sent and never kept
        elif made.get(name) is None and each.get("computed"):
            made[name] = _value(each["type"], f"{name} of {whose}")
    for name, each in block["blocks"].items():
        if isinstance(made.get(name), list):
            made[name] = [_made_up(one, each, f"{name} of {whose}") for one in made[name]]
    return made


def _value(kind: Any, name: str) -> Any:
    if kind == "string":
        return name
    return UNNAMED[kind] if isinstance(kind, str) else {} if kind[0] == "map" else []


@contextlib.contextmanager
def standing_in(known: dict[str, Any], away: Collection[str] = ()) -> Iterator[dict[str, str]]:
    """Give the environment in which Terraform asks the stand-ins, for as long as they run."""
    with contextlib.ExitStack() as running:
        providers = {name: Provider(name, known, away) for name in ("google", "archive")}
        addresses = {name: running.enter_context(_serving(one)) for name, one in providers.items()}
        reattach = {
            f"hashicorp/{name}": {
                "Protocol": "grpc",
                "ProtocolVersion": 5,
                "Pid": os.getpid(),
                "Test": True,
                "Addr": {"Network": "tcp", "String": address},
            }
            for name, address in addresses.items()
        }
        yield {"TF_REATTACH_PROVIDERS": json.dumps(reattach)}


@contextlib.contextmanager
def _serving(provider: Provider) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(4))
    handlers: dict[str, Any] = {
        name: grpc.unary_unary_rpc_method_handler(lambda raw, _, call=call: call(raw))
        for name, call in provider.calls().items()
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
