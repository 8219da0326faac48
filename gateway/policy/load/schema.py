"""The JSON Schema of policy files, for editors."""

from typing import Any

from gateway.policy.document import PolicyDocument


def json_schema() -> dict[str, Any]:
    """Return the schema of a policy file, generated from the models that read it."""
    schema = PolicyDocument.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Gateway policy"}
