"""What a product's REST API answered, by path: from a folder of saved answers, or fetched one by one."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.cli.importing.report import Report
from tocsin.errors import Malformed

PAGE = re.compile(r"\.[0-9]+$")


class Wire(BaseModel):
    """What is read of one object of an API; whatever else it holds is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)


W = TypeVar("W", bound=Wire)


@dataclass(frozen=True)
class Resource:
    """A path of the API, without its version; `{}` stands for the id of each object that the path before it lists."""

    path: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    version: str = ""
    is_paged: bool = True
    is_needed: bool = False

    def covers(self, path: str) -> bool:
        """Tell whether an answer belongs here: a list, one object of it, or what belongs to that."""
        pattern = re.escape(self.path).replace(re.escape("{}"), "[^/]+")
        return bool(re.fullmatch(rf"{pattern}(/[^/]+)?", path))


@dataclass(frozen=True)
class Dialect:
    """How an API wants to be asked: the headers that carry a token, the query of a page, the sign of one more.

    A page is asked for by its number, from 0, or by how many objects came before it: an API may answer fewer than it
    was asked for.
    """

    headers: Callable[[str], Mapping[str, str]]
    page: Callable[[int, int], Mapping[str, str]]
    has_more: Callable[[Mapping[str, Any]], bool]
    ending: str = ""


@dataclass
class Export:
    """The objects of each path that was answered."""

    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def each(self, path: str, kind: type[W]) -> list[W]:
        """Give the objects of a path; one that was also answered by itself is taken from there, it says more.

        Raises Malformed with the place of what is missing or of another kind than the API documents.
        """
        found = [self.answers.get(f"{path}/{item.get('id')}", [item])[0] for item in self.answers.get(path, [])]
        return [_read(item, kind, f"{path}.json, number {number}") for number, item in enumerate(found, 1)]

    def one(self, path: str, kind: type[W]) -> W | None:
        """Give the object that a path answers by itself."""
        return next((_read(item, kind, f"{path}.json") for item in self.answers.get(path, [])), None)

    def paths(self, template: str) -> Iterator[str]:
        """Give every path that a template means, by the ids of what was listed."""
        before, gap, rest = template.rpartition("{}")
        if not gap:
            yield template
            return
        for parent in self.paths(before.removesuffix("/")):
            yield from (f"{parent}/{item['id']}{rest}" for item in self.answers.get(parent, []) if item.get("id"))

    def add(self, path: str, body: object) -> None:
        """Take one answer, or one more page of it; raises Malformed if it is none of this API."""
        self.answers.setdefault(path, []).extend(objects(path, body))

    def tell(self, resources: tuple[Resource, ...], report: Report) -> None:
        """Report what was not given, and what was given and is not understood; raises Malformed without the needed."""
        for resource in resources:
            wanted = list(self.paths(resource.path))
            absent = [path for path in wanted if path not in self.answers]
            if absent and resource.is_needed:
                raise Malformed(f"there is no {absent[0]}.json: save there what the API answers for /{absent[0]}")
            if absent:
                why = f"was not given for {len(absent)} of {len(wanted)}" if "{}" in resource.path else "was not given"
                report.left_out("export", f"{resource.path}.json", f"{why}: what it says is not in the file")
        for path in self.answers:
            if not any(resource.covers(path) for resource in resources):
                report.left_out("export", f"{path}.json", "nothing of it has an equivalent, or its name is not a path")


def saved(folder: Path) -> Export:
    """Read a folder in which each file is called like the path it answers: `schedules/P12AB3/overrides.json`.

    Further pages are `users.2.json` and so on. Raises Malformed naming the file that cannot be read.
    """
    export = Export()
    files = sorted(folder.rglob("*.json"), key=_page)
    if not files:
        raise Malformed(f"{folder} holds no JSON: save the API's answers there, as in users.json")
    for file in files:
        path = PAGE.sub("", str(file.relative_to(folder).with_suffix("").as_posix()))
        try:
            export.add(path, json.loads(file.read_bytes()))
        except OSError as error:
            raise Malformed(f"{file} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise Malformed(f"{file} is not JSON") from None
    return export


def _page(file: Path) -> tuple[str, int]:
    """Order the pages of an answer: a file without a number is the first one."""
    name, dot, number = file.stem.rpartition(".")
    is_page = bool(dot) and number.isdecimal()
    return str(file.parent / (name if is_page else file.stem)), int(number) if is_page else 1


def objects(path: str, body: object) -> list[dict[str, Any]]:
    """Take the objects out of their envelope: `results`, `data`, or what the path is called.

    Raises Malformed if there are none.
    """
    *_, owner, last = ("", *path.split("/"))
    singular = f"{owner[:-3]}y" if owner.endswith("ies") else owner.removesuffix("s")
    inside: Any = body
    if isinstance(body, dict):
        inside = next((body[name] for name in ("results", "data", last, singular) if name in body), body)
    items: list[dict[str, Any]] = inside if isinstance(inside, list) else [inside]
    if not all(isinstance(item, dict) for item in items):
        raise Malformed(f"{path}.json is not what the API answers: it should hold a list of objects")
    return items


def _read(item: dict[str, Any], kind: type[W], place: str) -> W:
    try:
        return kind.model_validate(item)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Malformed(f"{place}: {where}: {first['msg']}; is this the export of another product?") from None
