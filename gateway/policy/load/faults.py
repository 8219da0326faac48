"""What pydantic says about a document, in the words of someone who has to mend it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final

from pydantic import ValidationError

from gateway.policy.document import PolicyDocument
from gateway.policy.load.errors import PolicyError
from gateway.policy.load.lines import Path, Source

_LATER: Final = frozenset({"cascade", "escalate", "judge", "shadow"})
"""Words of the contract's later parts: not built yet, and never silently taken."""

_TYPES: Final = {
    "string_type": ("is not text", "put it in quotes"),
    "bool_type": ("is not a boolean", "write true or false"),
    "int_type": ("is not a whole number", "write it without quotes and without a point"),
    "float_type": ("is not a number", "write it without quotes"),
    "tuple_type": ("is not a list", "write it in brackets: [a, b]"),
    "dict_type": ("is not a mapping", "write it as `key: value`"),
    "model_type": ("is not a mapping", "write it as `key: value`"),
    "model_attributes_type": ("is not a mapping", "write it as `key: value`"),
    "missing": ("is missing", "add it"),
    "string_too_short": ("is empty", "write something or leave it out"),
    "too_short": ("is an empty list", "name at least one or leave it out"),
    "finite_number": ("is not a finite number", "write a finite number"),
}


def suggest(word: str, known: Sequence[str], what: str) -> str:
    """Return the fix for a word that is not known: the nearest one, else all of them."""
    near = get_close_matches(word, known, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(f"`{name}`" for name in near) + "?"
    if not known:
        return f"there are no {what}"
    return f"{what}: {', '.join(known[:20])}{', …' if len(known) > 20 else ''}"  # noqa: PLR2004 -- a screenful


def errors_of(source: Source, error: ValidationError) -> Iterator[PolicyError]:
    """Yield every fault that pydantic found in one file."""
    for fault in error.errors(include_url=False):
        path = _path(source.data, fault["loc"])
        if fault["type"] == "union_tag_invalid":
            path = (*path, "kind")
        yield source.error(path, *_words(fault, path, source.data))


def _path(data: Any, location: tuple[str | int, ...]) -> Path:
    """Return the place in the file: pydantic also names a rule's kind, which is not there."""
    if location[:1] == ("rules",):
        location = (*location[:2], *location[3:])
    path: list[str | int] = []
    for position, part in enumerate(location):
        last = position == len(location) - 1
        if isinstance(data, dict) and (part in data or last):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
        else:
            continue
        path.append(part)
    return tuple(path)


def _words(fault: Any, path: Path, data: Any) -> tuple[str, str]:
    """Return problem and fix."""
    kind, context = fault["type"], fault.get("ctx", {})
    if (path and path[-1] in _LATER) or (kind == "union_tag_invalid" and context["tag"] in _LATER):
        return "is not built yet", "leave it out"
    match kind:
        case "extra_forbidden":
            words = (
                "unknown key",
                _elsewhere(str(path[-1])) or suggest(str(path[-1]), _keys_beside(path, data), "known keys"),
            )
        case "union_tag_invalid":
            words = _no_such_kind(context, "rule" if path[:1] == ("rules",) else "detector")
        case "union_tag_not_found":
            words = "has no `kind`", "say what it is: kind: …"
        case "literal_error" | "enum":
            words = _not_one_of(fault)
        case "value_error":
            words = _told_by_block(str(context["error"]))
        case "string_pattern_mismatch":
            words = "is not an id", "use letters, digits and . _ : / @ + -, at most 128"
        case _:
            message = fault["msg"]
            words = _TYPES.get(kind) or (message[:1].lower() + message[1:], "change the value")
    return words


def _no_such_kind(context: Any, what: str) -> tuple[str, str]:
    kinds = [word.strip("' ") for word in context["expected_tags"].split(",")]
    return f"no {what} kind `{context['tag']}`", suggest(context["tag"], kinds, "kinds")


def _not_one_of(fault: Any) -> tuple[str, str]:
    expected = fault["ctx"]["expected"].replace(" or ", ", ").split(", ")
    words = [word.strip("'") for word in expected]
    given = fault["input"]
    if isinstance(given, str) and given in _LATER:
        return f"`{given}` is not built yet", f"built are: {', '.join(words)}"
    if not isinstance(given, str) and words != ["1"]:
        return f"must be one of: {', '.join(words)}", "write one of them, in quotes if YAML needs them"
    return f"cannot be `{given}`", suggest(str(given), words, "it may be")


def _told_by_block(message: str) -> tuple[str, str]:
    problem, separator, fix = message.partition(": ")
    return (problem, fix) if separator else (message, "change it")


def _elsewhere(key: str) -> str:
    """Return the fix for a key that belongs in one or two other places, or names a kind of rule; else nothing."""
    if key in _schema()["properties"]["rules"]["items"]["discriminator"]["mapping"]:
        return f"it is a kind of rule: write `kind: {key}` in an entry of `rules`"
    places = _places().get(key, set())
    if not 1 <= len(places) <= 2:  # noqa: PLR2004 -- more would not help
        return ""
    words = [f"in `{place}`" if place else "at the top level of the file" for place in sorted(places)]
    return f"it belongs {' or '.join(words)}"


@lru_cache(maxsize=1)
def _places() -> Mapping[str, set[str]]:
    """Return the blocks that have each key, as ``targets[].clearance``."""
    schema, found = _schema(), defaultdict[str, set[str]](set)
    todo: list[tuple[str, Any]] = [("", schema)]
    while todo:
        path, node = todo.pop()
        todo += [(path, _plain(schema, one)) for one in node.get("oneOf", ())]
        for key, inner in node.get("properties", {}).items():
            found[key].add(path)
            step, block = f"{path}.{key}".lstrip("."), _plain(schema, inner)
            if "items" in block:
                step, block = step + "[]", _plain(schema, block["items"])
            todo.append((step, block))
    return found


def _keys_beside(path: Path, data: Any) -> list[str]:
    """Return the keys that the block around a path may have, by walking the schema along the data."""
    schema = _schema()
    node: Any = schema
    for part in path[:-1]:
        data = data[part] if data is not None else None
        node = _step(schema, node, part, data)
    return sorted(_properties(schema, node))


def _step(schema: dict[str, Any], node: Any, part: str | int, value: Any) -> Any:
    node = _plain(schema, node)
    if isinstance(part, str):
        return node["properties"][part]
    node = node["items"]
    mapping = node.get("discriminator", {}).get("mapping")
    return {"$ref": mapping[value["kind"]]} if mapping else node


def _plain(schema: dict[str, Any], node: Any) -> dict[str, Any]:
    """Follow references and, where there is a choice, take the branch that is a block or a list."""
    while "$ref" in node or "anyOf" in node:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        else:
            node = next((one for one in node["anyOf"] if "$ref" in one or "items" in one), {})
    plain: dict[str, Any] = node
    return plain


def _properties(schema: dict[str, Any], node: Any) -> list[str]:
    return list(_plain(schema, node)["properties"])


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    return PolicyDocument.model_json_schema(by_alias=True)
