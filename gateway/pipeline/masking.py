"""Masking: a masked copy of a request for one attempt, scanned again before it is sent."""

from dataclasses import dataclass
from functools import partial

from gateway.domain.label import Label, joined
from gateway.domain.target import Target
from gateway.pipeline.case import Case
from gateway.pipeline.label import scan
from gateway.pipeline.permit import Permit
from gateway.scanning import ScanFailed, scanned
from gateway.sensitivity.mask import Find, mask
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

    The copy is scanned again: a value in a key, or cut in two by parts of a message, has no placeholder.
    """
    body = case.request.body
    vault = Vault(secret, case.facts.session or case.facts.conversation or case.inbound.id, body.decode())
    copy: Masked | None = None
    try:
        copy = await _checked(case, target, granted, vault)
    finally:
        if copy is None:
            vault.wipe()
    return copy


async def _checked(case: Case, target: Target, granted: Permit, vault: Vault) -> Masked | None:
    kinds, spec, size = target.clearance.mask, case.snapshot.sensitivity, len(case.request.body)
    find = partial(scanner_for(spec).spans, kinds=kinds)
    try:
        tree = await scanned(partial(_masked, case.tree, find, vault), size)
    except ScanFailed:
        return None
    held = [one for one in case.team.exceptions if one.id in granted.exceptions]
    left = await scan(tree, spec, size, tuple(held))
    label = joined(left.parts, granted.label)
    refused = target.clearance.refusal(label, target.region) is not None
    return None if refused else Masked(tree, vault, label)


def _masked(tree: Tree, find: Find, vault: Vault) -> Tree:
    copy: Tree = mask(tree, find, vault)
    _ = vault.readers  # made here, so that the event loop need not
    return copy
