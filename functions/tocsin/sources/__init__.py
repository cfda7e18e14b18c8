"""Finds the source that reads a post: the file names in this folder are the URL parts below `/ingest/`.

A module has `parse(posted) -> list[Alert]`, which is pure and raises Malformed. Everything else it may leave out; the
fields of `Source` say what there is and what is done without it. Names that begin with an underscore are no sources.

A module's docstring is what its users read: a line that says what is read, a blank one, "Settings: " with where to
paste the URL in the other tool and what else to set there, a blank one, and remarks. What has to be copied into the
other tool and is long is a file in `templates/` whose name begins with the source's and a dot.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from urllib.parse import unquote

from tocsin.body import clean
from tocsin.domain.alert import Alert
from tocsin.errors import Malformed


@dataclass(frozen=True)
class Posted:
    """What a source is given: the checked body (None if it reads none), and what is known about where it came in.

    `path` is one of the source's fixed paths or its name, and `inside` what stands in the place of its `*`; `headers`
    have names in lower case; `query` is what follows the question mark; `integration` is the id of the integration, for
    titles nobody gave. `raw` is the body to the byte, which is what signatures cover, and `fetched` is what lay at the
    URLs that the source's `check` asked for.
    """

    payload: object
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    integration: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    inside: str = ""
    raw: bytes = b""
    fetched: Mapping[str, bytes] = field(default_factory=dict)


def _no_key(posted: Posted) -> str:
    raise Malformed(f"The integration key is missing: post to /ingest/{posted.path}/<integration key>.", status=404)


def _nothing(_: Posted) -> str:
    return ""


def _accepted(alerts: Sequence[Alert]) -> dict[str, object]:
    keys = [alert.dedup_key for alert in alerts]
    return {"status": "accepted", "message": f"{len(keys)} accepted", "dedup_keys": keys}


def _refused(status: int, message: str, reasons: Sequence[str]) -> dict[str, object]:
    word = "unavailable" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused"
    return {"status": word, "message": message, "errors": list(reasons)}


@dataclass(frozen=True)
class Source:
    """A module of this folder; the field names in upper or lower case are the module's own names.

    `parse` may leave `dedup_key` empty in a trigger or a change: whoever accepts it makes one up.
    """

    name: str
    parse: Callable[[Posted], list[Alert]]
    paths: tuple[str, ...] = ()  # PATHS: taken at these paths too, `key` finds the integration key; a * is any text
    methods: tuple[str, ...] = ("POST",)  # METHODS
    limit: int = 1 << 20  # LIMIT: bytes of a body
    reads: bool = True  # READS: False where arriving says it all: any body will do
    empty: bool = False  # EMPTY: True where the address can say it all: the payload of an empty body is None
    taken: int = 202  # TAKEN: the HTTP status of success
    unavailable: int = 503  # UNAVAILABLE: the HTTP status after which its senders repeat
    key: Callable[[Posted], str] = _no_key  # the integration key out of what was posted; raises Malformed
    # Raises Forbidden unless the sender is who it must be, before anything is parsed. Whatever has to be fetched for
    # that, or confirmed after it, is given as a URL; `check` is asked again with what lay there, until it gives none.
    check: Callable[[Posted], str] = _nothing
    message: Callable[[Posted], str] = _nothing  # the sender's id of this body, equal when it is sent again, or nothing
    accepted: Callable[[Sequence[Alert]], dict[str, object]] = _accepted  # the body of success
    refused: Callable[[int, str, Sequence[str]], dict[str, object]] = _refused  # of any other status

    @property
    def checks(self) -> bool:
        """Say whether it can tell who posts, beyond knowing a key."""
        return self.check is not _nothing


@dataclass(frozen=True)
class Found:
    """Who reads what is posted to a path; without a `key` the source finds it in what was posted."""

    source: Source
    path: str
    key: str | None
    inside: str = ""


def find(path: str) -> Found:
    """Give the source for a path below `/ingest/`; raises Malformed (404) naming what there is."""
    parts = [unquote(part).strip() for part in path.strip("/").split("/")]
    match parts:
        case [name, key] if name in names() and key:
            return Found(load(name), name, key)
    return _fixed("/".join(parts), path.strip("/"))


@lru_cache(maxsize=100)
def _fixed(fixed: str, path: str) -> Found:
    """Give the source for a path that holds no key; one that is not found is not remembered, for it may hold one."""
    for source in map(load, fixed_names()):
        for pattern in source.paths:
            # What stands for a * was decoded by the server already, and may hold slashes.
            inside = _inside(pattern, path)
            if fixed == pattern or inside:
                return Found(source, pattern, None, inside)
    # Without the path: it may hold an integration key, and senders log what they are answered.
    raise Malformed(f"Nothing is read at this path. {_paths()}", status=404)


def _inside(pattern: str, path: str) -> str:
    head, star, tail = pattern.partition("*")
    fits = star and path.startswith(head) and path.endswith(tail)
    return clean(path[len(head) : len(path) - len(tail)]).strip() if fits else ""


@cache
def names() -> tuple[str, ...]:
    """Give the closed list of sources: the modules that are in this folder."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


@cache
def fixed_names() -> tuple[str, ...]:
    """Give those that have PATHS; read from their text, so that a process imports none that is never posted to."""
    texts = {name: (Path(__path__[0]) / f"{name}.py").read_bytes() for name in names()}
    return tuple(name for name, text in texts.items() if b"\nPATHS = " in text)


@cache
def load(name: str) -> Source:
    """Import one of `names()`; nothing else is ever imported."""
    if name not in names():
        raise Malformed(f"There is no source {name!r}. There are: {', '.join(names())}.", status=404)
    module = import_module(f"{__name__}.{name}")
    constants = ("paths", "methods", "limit", "reads", "empty", "taken", "unavailable")
    own = {part: getattr(module, part.upper(), None) for part in constants}
    own |= {part: getattr(module, part, None) for part in ("key", "check", "message", "accepted", "refused")}
    return Source(name, module.parse, **{part: value for part, value in own.items() if value is not None})


def _paths() -> str:
    fixed = ", ".join(f"/ingest/{path}" for name in fixed_names() for path in load(name).paths)
    return f"There are: /ingest/SOURCE/<integration key>, where SOURCE is one of {', '.join(names())}; and {fixed}."
