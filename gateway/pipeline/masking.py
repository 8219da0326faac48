"""A masked copy of a request for one attempt, checked again before it goes: what is left must be cleared."""

from dataclasses import dataclass
from functools import partial

import anyio

from gateway.domain.label import Label, joined
from gateway.domain.target import Target
from gateway.pipeline.case import Case
from gateway.pipeline.label import INLINE_BYTES, scan
from gateway.pipeline.permit import Permit
from gateway.sensitivity.mask import mask
from gateway.sensitivity.scan import scanner_for
from gateway.sensitivity.vault import Vault
from gateway.wire.body import Tree, serialise


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
    if len(body) <= INLINE_BYTES:
        tree = mask(case.tree, find, vault)
    else:
        tree = await anyio.to_thread.run_sync(mask, case.tree, find, vault)
    held = [one for one in case.team.exceptions if one.id in granted.exceptions]
    left = await scan(tree, spec, len(body), tuple(held))
    label = joined(left.parts, granted.label)
    if target.clearance.refusal(label, target.region) is not None:
        vault.wipe()
        return None
    return Masked(tree, vault, label)
