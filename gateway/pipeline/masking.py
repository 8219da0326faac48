"""Masking: a masked copy of a request for one attempt, scanned again before it is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.domain.files import PDF, data_of
from gateway.domain.label import Label, joined
from gateway.domain.masking import masks_for
from gateway.domain.target import Target
from gateway.pipeline.case import Case
from gateway.pipeline.label import scan
from gateway.pipeline.permit import Permit
from gateway.scanning import ScanFailed, scanned
from gateway.sensitivity.mask import Value, Withholds, mask
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

    scanner, known = scanner_for(spec), case.labelled

    def withholds(kind: str, part: Mapping[str, Any]) -> bool:
        if not masks.cover(f"unscannable:{kind}"):
            return False
        document = known.documents.get(data_of(part)) if kind == PDF else None
        if document is None or document.why:
            return not may_see(Label(spec.class_of_unread(kind, case.team.unscannable)))
        return not may_see(scanner.label_of(document, held, known.traces))

    find = partial(scanner.values, case.tree, held, masks.cover, may_see, known.traces)
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
        traces=known.traces,
        unscannable=case.team.unscannable,
        documents=known.documents,
    )
    label = joined(left.parts, granted.label)
    return Masked(tree, vault, label) if may_see(label) else None


def _masked(tree: Tree, find: Callable[[], Sequence[Value]], vault: Vault, withholds: Withholds) -> Tree:
    copy: Tree = mask(tree, find(), vault, withholds)
    _ = vault.readers  # made here, so that the event loop need not
    return copy
