"""Whether the policy files of a directory come into force: read whole, compared with those in force, kept or held."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from gateway.domain.facts import canonical, digest
from gateway.policy.load.errors import PolicyErrors
from gateway.stores.policy.files import File, read_policies
from gateway.stores.policy.kept import KeptPolicy, Waiting, accepted_beside

if TYPE_CHECKING:
    from gateway.policy.diff.change import PolicyChange
    from gateway.policy.snapshot import PolicySnapshot

OnWidening = Literal["hold", "allow"]


class Kept(Struct, frozen=True):
    """What came of a look at the files."""

    event: Literal["taken", "same", "held", "refused"]
    policy: str = ""
    """Hash of the files' policy, or the one to accept it by if it is held; empty if they are none."""
    problem: str = ""
    """Why they are not in force."""
    first: bool = False
    """Nothing was kept before."""


def keep(directory: Path, kept: KeptPolicy, on_widening: OnWidening, now_ns: int = 0) -> Kept:
    """Put the files of a directory into force if they may be, and note why and since when (Unix time) if not.

    Raises:
        PolicyErrors: they are not valid, and there are none in force.
        OSError: they cannot be read and there are none in force, or what is kept cannot be read or written.
        UnicodeDecodeError: likewise.
    """
    before = kept.files()
    files: list[File] = []
    try:
        files = read_policies(directory)
        found = _kept(files, before, kept.accepted() | accepted_beside(directory), on_widening)
    except PolicyErrors as errors:
        if before is None:
            raise
        found = Kept("refused", problem=str(errors))
    except (OSError, UnicodeDecodeError) as error:
        if before is None:
            raise
        found = Kept("refused", problem=f"the policy files cannot be read ({type(error).__name__})")
    if found.event == "taken":
        kept.take(files)
    if found.event in {"held", "refused"}:
        held = found.event == "held"
        kept.refuse(Waiting(found.problem, "held" if held else "refused", found.policy if held else "", now_ns))
    else:
        kept.refuse(None)
    return found


def _kept(
    files: Sequence[File], before: Sequence[File] | None, accepted: frozenset[str], on_widening: OnWidening
) -> Kept:
    from gateway.policy.diff.compare import compare, side_of  # noqa: PLC0415 -- only when something may have changed
    from gateway.policy.diff.holding import held_changes, summary  # noqa: PLC0415 -- as above
    from gateway.pricing.book import PriceBook  # noqa: PLC0415 -- as above
    from gateway.sensitivity.detectors import DETECTORS  # noqa: PLC0415 -- as above

    prices = PriceBook.load_bundled()
    new = side_of(files, prices)
    policy = new.snapshot.hash
    if before is None:
        return Kept("taken", policy, first=True)
    if list(before) == list(files):
        return Kept("same", policy)
    try:
        old = side_of(before, prices)
    except PolicyErrors:  # of an older release; there is nothing to compare with
        return Kept("taken", policy)
    if on_widening == "allow":
        return Kept("taken", policy)
    defaults = {one.kind: (one.data_class, one.min_distinct, one.likely_class) for one in DETECTORS}
    held = held_changes(compare(old, new, defaults), old.snapshot, new.snapshot)
    asked = _asked(new.snapshot, held)
    if not held or asked in accepted:
        return Kept("taken", policy)
    return Kept("held", asked, problem=_waits(asked, summary(held)))


def _asked(snapshot: "PolicySnapshot", held: Sequence["PolicyChange"]) -> str:
    """Return the hash under which a policy is accepted: its own, or with its invariants if these prove less.

    A policy's own hash is over what decides, and invariants decide nothing.
    """
    if not any(change.effect.what.startswith("guard ") for change in held):
        return snapshot.hash
    guards = [one.model_dump(mode="json", by_alias=True) for one in snapshot.invariants]
    return digest(canonical([snapshot.hash, guards]))


def _waits(policy: str, what: str) -> str:
    return (
        f"policy {policy} is held, because it widens what may be sent, or proves less: {what}. Look at it with "
        f"`gateway policy diff`; then `gateway policy accept {policy} --reason …`, or a file `accepted` beside the "
        f"policy with the line `accepted: {policy}`, puts it into force"
    )
