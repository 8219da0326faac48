"""All that is most likely a mistake in a valid policy, each with its line and a way out."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from gateway.policy.lint.names import name_faults
from gateway.policy.lint.rollouts import rollout_faults
from gateway.policy.load.errors import PolicyError
from gateway.policy.load.merge import Whole
from gateway.policy.snapshot import PolicySnapshot


def warnings_of(whole: Whole, snapshot: PolicySnapshot, at_s: int, keys: AbstractSet[str] | None) -> list[PolicyError]:
    """Return what to warn of, by file and line.

    Args:
        whole: the document that the snapshot was compiled from.
        snapshot: of it.
        at_s: now, in Unix seconds.
        keys: ids of all API keys; None: they are not at hand, so names of keys are not looked at.
    """
    found = [
        *name_faults(whole, keys),
        *rollout_faults(whole, snapshot),
        *_ended(whole, at_s),
        *_noticed(whole, snapshot),
    ]
    return sorted(set(found))


def _ended(whole: Whole, at_s: int) -> Iterator[PolicyError]:
    for position, one in enumerate(whole.document.exceptions):
        if one.until.timestamp() <= at_s:
            ended = datetime.fromtimestamp(one.until.timestamp(), UTC).isoformat()
            problem = f"exception `{one.id}` ended at {ended}: it permits nothing any more"
            yield whole.error(
                ("exceptions", position, "until"), problem, "remove it, or give it new dates and a reason"
            )


def _noticed(whole: Whole, snapshot: PolicySnapshot) -> Iterator[PolicyError]:
    """Yield the warnings of loading that have a way out."""
    for notice in snapshot.notices:
        if notice.kind == "warning" and notice.fix:
            yield whole.error(notice.path, notice.text, notice.fix)
