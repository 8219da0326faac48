"""The data of one file, and the line of each part: errors name it."""

from dataclasses import dataclass, field
from typing import Any

from gateway.policy.load.errors import PolicyError

Path = tuple[str | int, ...]


def dotted(path: Path) -> str:
    """Return a path as people write it: ``targets[0].price``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "(file)"


@dataclass(slots=True)
class Source:
    """The data of one file, and the position of each part."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    errors: list[PolicyError] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of a path, or of the nearest part around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, path: Path, problem: str, fix: str) -> PolicyError:
        """Return an error at a path."""
        return PolicyError(self.file, self.line(path), dotted(path), problem, fix)
