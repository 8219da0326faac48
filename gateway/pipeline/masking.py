"""Masking: a masked copy of a request for one attempt, scanned again before it is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.domain.label import Label, joined
from gateway.domain.masking import masks_for
from gateway.domain.target import Target
from gateway.pipeline.case import Case
from gateway.pipeline.label import scan
from gateway.pipeline.permit import Permit
from gateway.scanning import ScanFailed, scanned
from gateway.sensitivity.mask import Value, mask
from gateway.sensitivity.scan import scanner_for
from gateway.sensitivity.vault import Vault
from gateway.wire.body import Tree


@dataclass(frozen=True, slots=True)
class Masked:
    """What one attempt sends, with the vault that its answer needs."""

    tree: Tree
    vault: Vault
    label: Label
    """Label after masking, never below the one that policy assumed."""


async def masked(case: Case, target: Target, granted: Permit, secret: bytes) -> Masked | None:
    """Return the masked request; None if something is left in it that the target may not see.

    The copy is scanned again, and one finding of a masked kind is one too many: a value that is cut in two by parts of
    a message has no placeholder.
    """
    body = case.request.body
    vault = Vault(secret, case.team.id, body.decode())
    copy: Masked | None = None
    try:
        copy = await _checked(case, target, granted, vault)
    finally:
        if copy is None:
            vault.wipe()
    return copy


async def _checked(case: Case, target: Target, granted: Permit, vault: Vault) -> Masked | None:
    masks, spec, size = masks_for(target, case.team), case.snapshot.sensitivity, len(case.request.body)
    held = tuple([one for one in case.team.exceptions if one.id in granted.exceptions])

    def may_see(label: Label) -> bool:
        return target.clearance.refusal(label, target.region) is None

    def withholds(kind: str) -> bool:
        return masks.cover(f"unscannable:{kind}") and not may_see(
            Label(spec.class_of_unread(kind, case.team.unscannable))
        )

    find = partial(scanner_for(spec).values, case.tree, held, masks.cover, may_see, case.labelled.traces)
    try:
        tree = await scanned(partial(_masked, case.tree, find, vault, withholds), size)
    except ScanFailed:  # also what is nowhere to be masked
        return None
    left = await scan(
        tree,
        spec,
        size,
        held,
        one_is_enough=masks.cover,
        traces=case.labelled.traces,
        unscannable=case.team.unscannable,
    )
    label = joined(left.parts, granted.label)
    return Masked(tree, vault, label) if may_see(label) else None


def _masked(tree: Tree, find: Callable[[], Sequence[Value]], vault: Vault, withholds: Callable[[str], bool]) -> Tree:
    copy: Tree = mask(tree, find(), vault, withholds)
    _ = vault.readers  # made here, so that the event loop need not
    return copy
