"""Request bodies are parsed strictly, once, and serialised once: what is scanned is what is hashed and sent."""

import json
from math import isfinite
from typing import Any

import jiter
import orjson

from gateway.domain.errors import InvalidRequest

Tree = dict[str, Any]


def parse(raw: bytes, *, max_depth: int) -> Tree:
    """Return the JSON object in ``raw``.

    Refused are duplicate keys, NaN and infinities (also by overflow), invalid UTF-8, lone surrogates, trailing
    data, anything but an object at the top, and nesting deeper than ``max_depth``.

    Raises:
        InvalidRequest: the body is none of what is accepted; the message says which, never quoting the body.
    """
    try:
        tree = jiter.from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
    except ValueError as error:
        raise InvalidRequest(_cause(str(error))) from None
    if not isinstance(tree, dict):
        raise InvalidRequest("the body must be a JSON object")
    _check(tree, max_depth)
    return tree


def read_answer(raw: bytes) -> Any:
    """Return the JSON of an upstream, taken more leniently than a caller's: its bytes are passed on untouched anyway.

    Engines cut characters in two: half a surrogate pair is not a reason to discard an answer. It is read as ``?``.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return orjson.loads(raw)
    except ValueError:
        try:
            halves = json.dumps(json.loads(raw), ensure_ascii=False)
            return json.loads(halves.encode("utf-8", "replace"))
        except RecursionError as error:
            msg = "nested too deeply"
            raise ValueError(msg) from error


def serialise(tree: Any) -> bytes:
    """Return the bytes that are scanned, hashed and sent: compact UTF-8, key order kept."""
    try:
        return orjson.dumps(tree)
    except TypeError:  # integers beyond 64 bits, which orjson refuses
        return json.dumps(tree, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _cause(message: str) -> str:
    """Turn the parser's message into ours: its kind and position, without the key it may quote."""
    where = message.rpartition(" at line ")[2]
    if message.startswith("Detected duplicate key"):
        return f"the body has a duplicate key (line {where}); send each key once"
    if "recursion limit" in message:
        return "the body is nested too deeply"
    return f"the body is not valid JSON in UTF-8 (line {where})"


def _check(tree: Tree, max_depth: int) -> None:
    """Refuse depth beyond the limit and floats that overflowed to infinity."""
    level: list[Any] = [tree]
    for _ in range(max_depth):
        deeper: list[Any] = []
        for node in level:
            for value in node.values() if isinstance(node, dict) else node:
                if isinstance(value, dict | list):
                    deeper.append(value)
                elif isinstance(value, float) and not isfinite(value):
                    raise InvalidRequest("the body contains a number that does not fit into a double")
        if not deeper:
            return
        level = deeper
    raise InvalidRequest(f"the body is nested deeper than {max_depth} levels")
