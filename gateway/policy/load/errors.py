"""What is wrong with a policy: every fault at once, each with its place and a way out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class PolicyError:
    """One fault of a policy."""

    file: str
    line: int
    key: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.problem}; {self.fix}"


class PolicyErrors(Exception):
    """A policy that cannot be used."""

    def __init__(self, errors: Sequence[PolicyError]) -> None:
        self.errors = tuple(sorted(set(errors)))
        super().__init__("\n".join(str(error) for error in self.errors))
