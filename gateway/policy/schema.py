"""The JSON Schema of policy files, for editors."""

from typing import Any


def json_schema() -> dict[str, Any]:
    """Return the schema."""
    raise NotImplementedError
