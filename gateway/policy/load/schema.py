"""The JSON Schema of policy files, for editors."""

import ast
import inspect
from collections.abc import Iterator
from functools import lru_cache
from types import ModuleType
from typing import Any

from gateway.policy.block import Block
from gateway.policy.document import PolicyDocument


def json_schema() -> dict[str, Any]:
    """Return the schema of a policy file, generated from the models that read it, with what their fields say."""
    schema = PolicyDocument.model_json_schema(by_alias=True)
    for model in _models(Block):
        part = schema if model is PolicyDocument else schema["$defs"].get(model.__name__, {})
        properties = part.get("properties", {})
        for name, text in _said(model).items():
            field = model.model_fields[name]
            key = field.alias or name
            if key in properties and field.description is None:
                properties[key] = dict(sorted({**properties[key], "description": text}.items()))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Gateway policy"}


def _models(base: type[Block]) -> Iterator[type[Block]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _said(model: type[Block]) -> dict[str, str]:
    """Return the docstring of each field: the text below it. Here and not by pydantic, which reads all files for it."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        module = inspect.getmodule(base)
        if issubclass(base, Block) and module is not None:
            again = inspect.get_annotations(base).keys()
            found = {name: text for name, text in found.items() if name not in again}
            found |= _texts(module).get(base.__name__, {})
    return {name: text for name, text in found.items() if name in model.model_fields}


@lru_cache(maxsize=64)
def _texts(module: ModuleType) -> dict[str, dict[str, str]]:
    """Return class → field → docstring, of one file."""
    return {
        node.name: dict(_below(node))
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef)
    }


def _below(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, after in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            text = after.value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield field.target.id, inspect.cleandoc(text.value)
