"""YAML with places: every key and item knows its line, and duplicate keys are errors."""

from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gateway.policy.load.errors import PolicyError, PolicyErrors
from gateway.policy.load.lines import Path, Source, dotted

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where it is built in: ten times as fast."""

MAX_NODES: Final = 200_000
"""Aliases of aliases can make a small file endless."""
MAX_DEPTH: Final = 64
"""Composing is recursive, in C: a file that is nested without end would take the process with it."""


class _Reading:
    """Takes a parsed file apart into a source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._nodes = 0

    def convert(self, node: Node, path: Path) -> Any:
        """Return plain data for a node and note the lines on the way."""
        self._source.lines.setdefault(path, node.start_mark.line + 1)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise PolicyErrors([self._source.error(path, f"has more than {MAX_NODES} parts", "use fewer aliases")])
        if len(path) > MAX_DEPTH:
            raise PolicyErrors([self._source.error(path, f"is nested more than {MAX_DEPTH} deep", "write it flatter")])
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.convert(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            here = (*path, key)
            line = key_node.start_mark.line + 1
            if key in data:
                problem = f"duplicate key (first on line {self._source.lines[here]})"
                self._source.errors.append(
                    PolicyError(self._source.file, line, dotted(here), problem, "keep one of the two")
                )
            elif key == "<<":
                self._source.errors.append(
                    PolicyError(self._source.file, line, dotted(here), "is a merge key", "write the keys out")
                )
            else:
                self._source.lines[here] = line
                data[key] = self.convert(value_node, here)
        return data

    def _scalar(self, node: Node, path: Path) -> Any:
        try:
            value = SafeConstructor().construct_object(node)
        except (ConstructorError, ValueError) as error:
            reason = error.problem if isinstance(error, ConstructorError) else str(error)
            self._source.errors.append(self._source.error(path, f"cannot be read: {reason}", "write a plain value"))
            return None
        return value if value is None or isinstance(value, bool | int | float) else str(node.value)


def read(file: str, text: str) -> Source:
    """Parse one file. What is wrong with its form is in ``errors``.

    Raises:
        PolicyErrors: it is not YAML, or not a mapping.
    """
    source = Source(file)
    try:
        _refuse_depth(file, text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = f"is not YAML: {getattr(error, 'problem', None) or 'unreadable characters'}"
        raise PolicyErrors([PolicyError(file, line, "(file)", problem, "fix the syntax")]) from error
    if node is None:
        source.data = {}
    elif isinstance(node, MappingNode):
        source.data = _Reading(source).convert(node, ())
    else:
        raise PolicyErrors([PolicyError(file, 1, "(file)", "is not a mapping", "start with `version: 1`")])
    return source


def _refuse_depth(file: str, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                problem = f"is nested more than {MAX_DEPTH} deep"
                raise PolicyErrors([PolicyError(file, 1, "(file)", problem, "write it flatter")])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
