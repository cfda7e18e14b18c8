"""The JSON Schema of the configuration file, for editors: made of the models, so that it says what `check` says."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import click
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from infra.cli.configfile import modules
from infra.cli.keys import HASHED, PLAIN, Key, OldKey
from infra.cli.options import everywhere
from infra.cli.ruling import COUNT, FLAPS, OFF
from infra.cli.shape import File
from infra.cli.times import HOURS
from tocsin.domain.calendar import Hours, Months
from tocsin.domain.config import ContactRule, Flapping, Target, TargetKind, Threshold

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LENGTH = "[0-9]{1,6}[smhdw]"
WALL = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

A_KEY = f"({HASHED.pattern}|{PLAIN.pattern})"

# What is one text in the file and a value of several parts in the program.
PATTERNS: dict[type, str] = {
    timedelta: LENGTH,
    Months: "[0-9]{1,3}mo",
    datetime: rf"{WALL}[ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?",
    date: WALL,
    Hours: HOURS.pattern,
    Threshold: COUNT.pattern,
    Flapping: f"({FLAPS.pattern}|{OFF})",
    Target: rf"({'|'.join(TargetKind)}) \S+",
    Key: A_KEY,
    OldKey: rf"{A_KEY}( +until +{WALL}[ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?)?",
    ContactRule: rf"({'|'.join(sorted(modules('channels')))})( +after +{LENGTH})?",
}


class Spelled(GenerateJsonSchema):
    """Describes values as they are spelled in the file."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Leave out titles: they say the field's name once more."""
        del schema
        return False

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        """Describe a duration."""
        del schema
        return spelled(timedelta)

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """Describe a time on the wall."""
        del schema
        return spelled(datetime)

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        """Describe a day."""
        del schema
        return spelled(date)

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """Describe what is one text in the file."""
        return spelled(schema["cls"])


def spelled(kind: type) -> JsonSchemaValue:
    """Give the schema of a text that the program takes apart."""
    return {"type": "string"} | ({"pattern": f"^{PATTERNS[kind]}$"} if kind in PATTERNS else {})


def document() -> str:
    """Give the schema as it is kept beside the command line."""
    made: dict[str, Any] = File.model_json_schema(schema_generator=Spelled)
    del made["required"]  # it may stand in another file
    return json.dumps({"$schema": DIALECT, **made, "title": "Tocsin's configuration"}, indent=2) + "\n"


@click.command()
@everywhere
def schema() -> None:
    """Print the JSON Schema of the configuration file, for editors.

    It is kept in infra/tocsin.schema.json; a file whose first line is `# yaml-language-server: $schema=` and the path
    to it is completed and checked while it is typed. What one place says of another only `check` knows.
    """
    click.echo(document(), nl=False)
