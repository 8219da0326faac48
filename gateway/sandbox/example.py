"""Makes a value that fits a JSON schema, for tool arguments and structured replies."""

from typing import Any

from gateway.sandbox.wire import Json, fields, items

_DEPTH = 8
_MOST_ITEMS = 64
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def example(schema: Any, root: Json | None = None, depth: int = 0) -> Any:
    """Make a value for the schema; deterministic, every property present, `$ref` into `$defs` followed."""
    if not isinstance(schema, dict) or depth > _DEPTH:
        return None
    root = schema if root is None else root
    if "const" in schema:
        return schema["const"]
    if items(schema.get("enum")):
        return schema["enum"][0]
    inner = _inner(schema, root)
    if inner is not None:
        return example(inner, root, depth + 1)
    return _typed(schema, root, depth)


def _inner(schema: Json, root: Json) -> Any:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        found: Any = root
        for step in reference.removeprefix("#/").split("/"):
            found = found.get(step) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}
    for key in ("anyOf", "oneOf", "allOf"):
        if items(schema.get(key)):
            return schema[key][0]
    return None


def _typed(schema: Json, root: Json, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    match kind[0] if items(kind) else kind:
        case "object":
            properties = fields(schema.get("properties"))
            return {name: example(inner, root, depth + 1) for name, inner in properties.items()}
        case "array":
            wanted = schema.get("minItems")
            length = max(1, min(wanted, _MOST_ITEMS)) if isinstance(wanted, int) else 1
            return [example(schema.get("items", {}), root, depth + 1)] * length
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _FORMATS.get(str(schema.get("format")), "sandbox")
