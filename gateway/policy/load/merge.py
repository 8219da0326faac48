"""Several files, one policy: lists are joined in the order of the files, blocks may be in one file only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.policy.document import PolicyDocument
from gateway.policy.load.errors import PolicyError
from gateway.policy.load.lines import Path, Source

_LISTS: Final = (
    "targets",
    "prices",
    "commitments",
    "models",
    "rollouts",
    "teams",
    "tasks",
    "floors",
    "exceptions",
    "rules",
    "cases",
    "invariants",
)
_BLOCKS: Final = ("trust", "organization", "sensitivity")


@dataclass(frozen=True, slots=True)
class Parts:
    """One file, read and validated by itself."""

    source: Source
    document: PolicyDocument


@dataclass(frozen=True, slots=True)
class Whole:
    """All files as one document that still knows the position of each item."""

    document: PolicyDocument
    origins: dict[Path, tuple[Source, Path]]
    """(list, position in the whole) -> file and path there; (block,) likewise."""

    def error(self, path: Path, problem: str, fix: str) -> PolicyError:
        """Return an error at a path of the whole document."""
        source, head = self.origins.get(path[:2]) or self.origins.get(path[:1]) or self.origins[()]
        tail = path[2:] if path[:2] in self.origins else path[1:]
        return source.error((*head, *tail), problem, fix)


def merge(parts: Sequence[Parts]) -> tuple[Whole, list[PolicyError]]:
    """Join the files."""
    errors: list[PolicyError] = []
    origins: dict[Path, tuple[Source, Path]] = {}
    fields: dict[str, object] = {"version": 1}
    if parts:
        origins[()] = (parts[0].source, ())
    if parts and not any(part.document.version for part in parts):
        errors.append(parts[0].source.error(("version",), "is missing", "start a file with `version: 1`"))
    for name in _LISTS:
        items: list[object] = []
        for part in parts:
            for position, item in enumerate(getattr(part.document, name)):
                origins[name, len(items)] = (part.source, (name, position))
                items.append(item)
        fields[name] = tuple(items)
    for name in _BLOCKS:
        for part in parts:
            block = getattr(part.document, name)
            if block is None:
                continue
            if name in fields:
                first = origins[name,][0].file
                errors.append(part.source.error((name,), f"is defined in {first} too", "keep it in one file"))
            fields[name] = block
            origins[name,] = (part.source, (name,))
    return Whole(PolicyDocument.model_construct(**fields), origins), errors  # type: ignore[arg-type]
