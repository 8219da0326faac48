"""A masked copy of a request for one attempt, checked again before it goes: what is left must be cleared."""

from dataclasses import dataclass
from functools import partial
from typing import Final, cast

import anyio

from gateway.domain.label import Label, joined
from gateway.domain.target import Target
from gateway.pipeline.case import Case
from gateway.pipeline.label import INLINE_BYTES, SCAN_SECONDS, scan
from gateway.pipeline.permit import Permit
from gateway.sensitivity.mask import Find, mask
from gateway.sensitivity.scan import scanner_for
from gateway.sensitivity.vault import Vault
from gateway.wire.body import Tree, serialise

_THREADS: Final = anyio.CapacityLimiter(4)


@dataclass(frozen=True, slots=True)
class Masked:
    """What one attempt sends, with the vault that its answer needs."""

    tree: Tree
    vault: Vault
    label: Label
    """Of what is left, never below what policy reckoned with."""


async def masked(case: Case, target: Target, granted: Permit, secret: bytes) -> Masked | None:
    """Return the masked request; None if something is left in it that the target may not see.

    The copy is scanned anew: a value that stands in a key, or is cut in two by parts of a message, has no placeholder.
    """
    kinds, spec = target.clearance.mask, case.snapshot.sensitivity
    find = partial(scanner_for(spec).spans, kinds=kinds)
    body = serialise(case.tree)
    vault = Vault(secret, case.facts.session or case.facts.conversation or case.inbound.id, body.decode())
    tree = await _copy(case.tree, find, vault, len(body))
    if tree is None:
        vault.wipe()
        return None
    held = [one for one in case.team.exceptions if one.id in granted.exceptions]
    left = await scan(tree, spec, len(body), tuple(held))
    label = joined(left.parts, granted.label)
    if target.clearance.refusal(label, target.region) is not None:
        vault.wipe()
        return None
    return Masked(tree, vault, label)


async def _copy(tree: Tree, find: Find, vault: Vault, size: int) -> Tree | None:
    """Return the masked copy; None if it cannot be made, or not in time."""
    try:
        if size <= INLINE_BYTES:
            return cast("Tree", mask(tree, find, vault))
        with anyio.move_on_after(SCAN_SECONDS):
            return await anyio.to_thread.run_sync(_masked, tree, find, vault, abandon_on_cancel=True, limiter=_THREADS)
    except Exception:  # noqa: BLE001 -- fail closed: then the target does not see the request
        return None
    return None


def _masked(tree: Tree, find: Find, vault: Vault) -> Tree:
    copy: Tree = mask(tree, find, vault)
    _ = vault.readers  # made here, so that the event loop need not
    return copy
