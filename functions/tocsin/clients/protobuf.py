"""Turns documents and queries into Firestore's messages and back."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore_v1 import types
from google.protobuf.timestamp_pb2 import Timestamp

from tocsin.clients.store import Data, Where

# The plain messages: the wrappers around them copy every level of a document once more.
Value = types.Value.pb()
ArrayValue = types.ArrayValue.pb()
MapValue = types.MapValue.pb()
Document = types.Document.pb()

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPERATORS = {
    "==": "EQUAL",
    "<": "LESS_THAN",
    "<=": "LESS_THAN_OR_EQUAL",
    ">": "GREATER_THAN",
    ">=": "GREATER_THAN_OR_EQUAL",
}


def to_fields(data: Mapping[str, object]) -> dict[str, Any]:
    """Give a document's fields, or a map's, as Firestore's values."""
    return {name: _to_value(value) for name, value in data.items()}


def from_fields(fields: Mapping[str, Any]) -> Data:
    """Give the dict back, times in UTC."""
    return {name: _from_value(value) for name, value in fields.items()}


def to_query(collection: str, where: tuple[Where, ...], order_by: str | None, limit: int) -> types.StructuredQuery:
    """Give the query; a null in the field to order by, which Firestore puts first, is left out."""
    filters = [_to_filter(*condition) for condition in where]
    field = order_by.removeprefix("-") if order_by else ""
    if field:
        filters.append({"unary_filter": {"field": {"field_path": field}, "op": "IS_NOT_NULL"}})
    query: dict[str, Any] = {"from_": [{"collection_id": collection}], "limit": {"value": limit}}
    if filters:
        query["where"] = {"composite_filter": {"op": "AND", "filters": filters}}
    if field:
        direction = "ASCENDING" if field == order_by else "DESCENDING"
        query["order_by"] = [{"field": {"field_path": field}, "direction": direction}]
    return types.StructuredQuery(query)


def _to_filter(field: str, operator: str, value: object) -> dict[str, Any]:
    if value is None:
        return {"unary_filter": {"field": {"field_path": field}, "op": "IS_NULL"}}
    return {"field_filter": {"field": {"field_path": field}, "op": OPERATORS[operator], "value": _to_value(value)}}


def _to_value(value: object) -> Any:
    match value:
        case None:
            return Value(null_value=0)
        case datetime():
            return Value(timestamp_value=_to_timestamp(value))
        case dict():
            return Value(map_value=MapValue(fields=to_fields(value)))
        case list() | tuple():
            return Value(array_value=ArrayValue(values=map(_to_value, value)))
    return Value(**{_scalar(value): value})


def _scalar(value: object) -> str:
    kinds = {bool: "boolean_value", int: "integer_value", float: "double_value", str: "string_value"}
    return next(name for kind, name in kinds.items() if isinstance(value, kind))


def _from_value(value: Any) -> Any:
    match value.WhichOneof("value_type"):
        case "null_value":
            return None
        case "timestamp_value":
            return _from_timestamp(value.timestamp_value)
        case "map_value":
            return from_fields(value.map_value.fields)
        case "array_value":
            return [_from_value(item) for item in value.array_value.values]
        case kind:
            return getattr(value, kind)


def _to_timestamp(moment: datetime) -> Timestamp:
    since = moment - EPOCH
    return Timestamp(seconds=since // timedelta(seconds=1), nanos=since.microseconds * 1000)


def _from_timestamp(stamp: Timestamp) -> datetime:
    return EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)
