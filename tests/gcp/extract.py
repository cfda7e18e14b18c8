"""Makes schema.json: what Terraform's providers know of each resource and data source that infra/gcp uses.

The providers themselves cannot be asked without a network, but Python packages made from them hold their whole schema
as JavaScript: `pip download --no-deps cdktn-provider-google==21.1.0 cdktn-provider-archive==14.0.1`, which were made
from google 8.7.0 and archive 2.8.1, and then `python -m tests.gcp.extract *.whl`.
"""

import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from tests.gcp.written import SCHEMA, Module

Block = dict[str, Any]

GETTERS = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "StringMap": ["map", "string"],
}
CLASS = re.compile(r"^class (\w+) extends .*?(?=^class |\Z)", re.DOTALL | re.MULTILINE)
TYPE = re.compile(r'static tfResourceType = "(\w+)"')
ATTRIBUTE = re.compile(
    r"// (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n(.*?)(?=\n    // \w+ - computed|\Z)", re.DOTALL
)
GETTER = re.compile(r"this\.(get\w+Attribute)\('|new cdktn\.(StringMap)\(")
NESTED = re.compile(r'new (?:\w+\.)?((?!StringMap)\w+?)(List|OutputReference)\(this, "\w+"(?:, (?:(true)|false))?\)')


def sources(wheel: Path, used: Collection[str]) -> Iterator[tuple[str, str]]:
    """Give the source of each that is used, with its name; a data source has `data.` before it."""
    with zipfile.ZipFile(wheel) as packed:
        [inner] = [name for name in packed.namelist() if name.endswith(".tgz")]
        source = packed.read(inner)
    folders: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(source)) as files:
        for member in files:
            if found := re.fullmatch(r"package/lib/([\w-]+)/.*\.js", member.name):
                text = (files.extractfile(member) or io.BytesIO()).read().decode()
                folders[found[1]] = folders.get(found[1], "") + text
    for folder, text in folders.items():
        name = ("data." if folder.startswith("data-") else "") + (found[1] if (found := TYPE.search(text)) else "")
        if name in used:
            yield name, text


def block(text: str) -> Block:
    """Give what one source says of its resource: attributes with their types, blocks with theirs."""
    classes = {found[1]: found[0] for found in CLASS.finditer(text)}
    [top] = [name for name, body in classes.items() if TYPE.search(body)]
    return _block(top, classes)


def _block(name: str, classes: dict[str, str]) -> Block:
    made: Block = {"attributes": {}, "blocks": {}}
    for attribute, computed, optional, required, code in ATTRIBUTE.findall(classes[name]):
        nested = NESTED.search(code)
        if nested and "true" in (optional, required):
            nesting = "single" if attribute == "timeouts" else "set" if nested[3] else "list"
            most = {"most": 1} if nested[2] == "OutputReference" and nesting != "single" else {}
            inner = _block(_named(nested, classes), classes)
            made["blocks"][attribute] = {"nesting": nesting, "required": required == "true", **most, **inner}
            continue
        flags = {"computed": computed, "optional": optional, "required": required}
        # The packages do not say what is never kept; the provider's names do.
        flags["write_only"] = "true" if attribute.endswith("_wo") else "false"
        kind = _object(nested, classes) if nested else _kind(code)
        made["attributes"][attribute] = {"type": kind} | {flag: True for flag, on in flags.items() if on == "true"}
    return made


def _named(nested: re.Match[str], classes: dict[str, str]) -> str:
    return next(name for name in (f"{nested[1]}OutputReference", nested[1]) if name in classes)


def _object(nested: re.Match[str], classes: dict[str, str]) -> list[Any]:
    inner = _block(_named(nested, classes), classes)
    return ["list", ["object", {name: each["type"] for name, each in inner["attributes"].items()}]]


def _kind(code: str) -> Any:
    found = GETTER.search(code)
    if not found:
        raise SystemExit(f"The package speaks of a kind of attribute that is not known here: {code[:200]}")
    kind = GETTERS[found[1] or found[2]]
    return ["set", kind[1]] if "cdktn.Fn.tolist(" in code else kind


def main(wheels: list[str]) -> None:
    """Write schema.json for whatever infra/gcp uses, from the packages."""
    used = Module.read().kinds()
    found = {name: block(text) for wheel in wheels for name, text in sources(Path(wheel), used)}
    if missing := used - found.keys():
        raise SystemExit(f"None of the packages knows {', '.join(sorted(missing))}.")
    SCHEMA.write_text(
        json.dumps(found, separators=(",", ":"), sort_keys=True).replace('},"', '},\n"') + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
