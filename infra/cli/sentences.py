"""Turns what the shape found into mistakes: a place in the file, and a sentence that says how to put it right."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from infra.cli.fields import shown, suggestion
from infra.cli.marked import Mistake, Path, Tree
from infra.cli.shape import File

WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "dict_type": "a mapping of names",
    "model_type": "a mapping of fields",
    "list_type": "a list",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}


def mistake(error: ErrorDetails, tree: Tree) -> Mistake:
    """Find the place and the words for one error of the shape."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] == "missing":
        return _missing(path, tree)
    if error["type"] == "extra_forbidden":
        return _unknown(path, tree)
    at_the_name = error["loc"][-1:] == ("[key]",)
    place = tree.keys[path] if at_the_name else tree.values[path]
    return place.mistake(f"{_dotted(path)}: {_sentence(error)}")


def _sentence(error: ErrorDetails) -> str:
    if error["type"] in WANTED:
        return f"should be {WANTED[error['type']]}, not {shown(error['input'])}"
    context: dict[str, Any] = error.get("ctx", {})
    if error["type"] == "enum":
        return f"should be {context['expected'].replace(chr(39), '')}, not {shown(error['input'])}"
    if "error" in context:
        return str(context["error"])
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}"


def _missing(path: Path, tree: Tree) -> Mistake:
    *parent, name = path
    owner = tuple(parent)
    why = _fields(_model(owner))[str(name)].description
    place = tree.keys.get(owner) or tree.values[owner]
    return place.mistake(f'{_dotted(owner)}: "{name}" is missing: {why}')


def _unknown(path: Path, tree: Tree) -> Mistake:
    *parent, name = path
    fields = set(_fields(_model(tuple(parent))))
    return tree.keys[path].mistake(f'{_dotted(tuple(parent))}: unknown field "{name}"{suggestion(str(name), fields)}')


def _dotted(path: Path) -> str:
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "the file"


def _model(path: Path) -> type[BaseModel]:
    """Find the model that describes what stands at a path: through fields by name, lists and mappings by content."""
    kind: Any = File
    for part in path:
        is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
        kind = _fields(kind)[str(part)].annotation if is_model else next(_contents(kind))
        kind = next(_contents(kind)) if isinstance(kind, UnionType) else kind
    model: type[BaseModel] = kind
    return model


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Give a model's fields by their names in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _contents(kind: Any) -> Iterator[Any]:
    """Give what a list or a mapping holds."""
    yield get_args(kind)[-1 if get_origin(kind) is dict else 0]
