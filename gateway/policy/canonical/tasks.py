"""Tasks."""

from typing import TYPE_CHECKING, Any

from gateway.policy.snapshot import Task

if TYPE_CHECKING:
    from gateway.policy.block import Block
    from gateway.policy.document.callers import TaskBlock
    from gateway.policy.globs import Match


def from_document(block: "TaskBlock") -> Task:
    """Return the task of a block."""
    return Task(block.id, written(block.match))


def to_canonical(task: Task) -> dict[str, Any]:
    """Return plain data."""
    return {"id": task.id, "match": match_data(task.match)}


def from_canonical(item: dict[str, Any]) -> Task:
    """Rebuild a task from :func:`to_canonical`."""
    return Task(item["id"], match_of(item["match"]))


def written(block: "Block") -> "Match":
    """Return the globs of a block, by name; those of a name in the order in which they are written."""
    data = block.model_dump(mode="json", exclude_none=True)
    return tuple([(name, tuple(data[name])) for name in sorted(data)])


def match_data(match: "Match") -> list[list[Any]]:
    """Return plain data of globs."""
    return [[name, list(globs)] for name, globs in match]


def match_of(data: list[list[Any]]) -> "Match":
    """Rebuild globs from :func:`match_data`."""
    return tuple([(name, tuple(globs)) for name, globs in data])
