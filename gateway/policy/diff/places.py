"""Positions of the parts of a policy, found by name and not by index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from gateway.policy.diff.change import EditPlace
from gateway.policy.load.lines import Path, Source, dotted
from gateway.policy.load.source import read

Words = tuple[str, ...]
"""How a part is called: ``("targets", "claude-sonnet", "clearance", "max")``."""

_BY_ID: Final = ("targets", "rollouts", "teams", "tasks", "exceptions")
_WRITTEN: Final = {"basis_points": "percent", "start": "from", "end": "until", "usd_nanos": "usd"}
"""Where data has another word than YAML."""


def model_name(name: str, *, is_pattern: bool) -> str:
    """Return what a model is called here: a pattern may be spelled like a name."""
    return f"match {name}" if is_pattern else name


def floor_name(match: Mapping[str, Any]) -> str:
    """Return what a floor is called here: whom it is about."""
    globs = {key: [value] if isinstance(value, str) else value for key, value in match.items() if value}
    return "; ".join(f"{key} {', '.join(sorted(set(globs[key])))}" for key in sorted(globs))


@dataclass(frozen=True, slots=True)
class Places:
    """The index of one policy. Made of texts that compile."""

    index: Mapping[Words, tuple[Source, Path]]

    def find(self, words: Words, side: Literal["old", "new"]) -> tuple[EditPlace, bool] | None:
        """Return the position of a part, and whether that is the part itself or only its parent."""
        for size in range(len(words), 0, -1):
            found = self.index.get(words[:size])
            if found is not None:
                return _inside(*found, words[size:], side)
        return None

    def first(self, side: Literal["old", "new"]) -> EditPlace:
        """Return the head of the policy."""
        source, _ = self.index[()]
        return EditPlace(source.file, 1, "(file)", side)


def _inside(source: Source, path: Path, rest: Words, side: Literal["old", "new"]) -> tuple[EditPlace, bool]:
    node: Any = _at(source.data, path)
    for number, word in enumerate(rest):
        if not isinstance(node, dict | list):  # a short form: the edit is on its line
            break
        name = _spelled(node, word) if isinstance(node, dict) else None
        if name is None:
            return EditPlace(source.file, source.line(path), dotted((*path, *rest[number:])), side), False
        path, node = (*path, name), _at(node, (name,))
    return EditPlace(source.file, source.line(path), dotted(path), side), True


def _spelled(node: Mapping[str, Any], word: str) -> str | None:
    """Return the key of a mapping that stands for a word; None if none does."""
    names = (word, _WRITTEN.get(word, word), "api_base" if word == "endpoints" else word)
    return next((name for name in names if name in node), None)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def places_of(files: Sequence[tuple[str, str]]) -> Places:
    """Index the (name, text) files of a policy that compiles."""
    index: dict[Words, tuple[Source, Path]] = {}
    for source in (read(file, text) for file, text in files):
        index.setdefault((), (source, ()))
        for words, path in _named(source.data):
            index.setdefault(words, (source, path))
    return Places(index)


def _named(data: Mapping[str, Any]) -> list[tuple[Words, Path]]:
    """Return (what it is called, where it is) for all parts of a file that have a name."""
    named: list[tuple[Words, Path]] = [((section,), (section,)) for section in data]
    for section in _BY_ID:
        named += [((section, item["id"]), (section, n)) for n, item in _items(data, section)]
    for n, item in _items(data, "models"):
        pattern = item.get("name") is None
        name = model_name(item["match"] if pattern else item["name"], is_pattern=pattern)
        named.append((("models", name), ("models", n)))
    named += [(("rules", item.get("id") or item["kind"]), ("rules", n)) for n, item in _items(data, "rules")]
    named += [(("invariants", item["name"]), ("invariants", n)) for n, item in _items(data, "invariants")]
    named += [(("floors", floor_name(item["match"])), ("floors", n)) for n, item in _items(data, "floors")]
    block = data.get("sensitivity") or {}
    for n, item in _items(block, "detectors"):
        words = ("custom", item["id"]) if item["kind"] == "custom" else ("detectors", item["kind"])
        named.append((words, ("sensitivity", "detectors", n)))
    named += [(("word_lists", one["id"]), ("sensitivity", "word_lists", n)) for n, one in _items(block, "word_lists")]
    return named


def _items(data: Mapping[str, Any], section: str) -> list[tuple[int, dict[str, Any]]]:
    return list(enumerate(data.get(section) or ()))
