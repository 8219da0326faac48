"""How sensitive a request is: the join of what its team, its caller and its text say; doubt goes upwards."""

from typing import Final

import anyio

from gateway.domain.label import DataClass, Label
from gateway.domain.sensitivity import SensitivitySpec
from gateway.domain.team import Team
from gateway.pipeline.inbound import Headers
from gateway.ports import Principal
from gateway.sensitivity.scan import Scan, scan_request
from gateway.wire.body import Tree

DATA_CLASS_HEADER: Final = "x-gateway-data-class"
INLINE_BYTES: Final = 16 * 1024
"""Up to here a thread hop costs more than the scan."""
SCAN_SECONDS: Final = 5.0
_THREADS: Final = anyio.CapacityLimiter(8)
"""Threads of their own: slow scans must not keep the ledger waiting for one."""


async def scan(tree: Tree, spec: SensitivitySpec, body_bytes: int) -> Scan:
    """Scan a request, inline if it is small, else in a thread; over the deadline it is unscannable."""
    if body_bytes <= INLINE_BYTES:
        return scan_request(tree, spec)
    with anyio.move_on_after(SCAN_SECONDS):
        return await anyio.to_thread.run_sync(scan_request, tree, spec, abandon_on_cancel=True, limiter=_THREADS)
    return Scan(Label(max(spec.on_unscannable, DataClass.RESTRICTED)), (), body_bytes)


def label(found: Label, team: Team, principal: Principal, headers: Headers) -> Label:
    """Return the label of a request.

    The header raises. Only a key with the ``declassify`` grant may go below its team's default, and never below
    what was found. A class that nobody knows, or two of them, is the highest one.
    """
    declared = headers.get(DATA_CLASS_HEADER)
    floor = team.default_class
    if declared is not None:
        level = _declared(declared, repeated=DATA_CLASS_HEADER in headers.repeated)
        floor = level if "declassify" in principal.grants else max(floor, level)
    return found.join(Label(floor))


def _declared(value: str, *, repeated: bool) -> DataClass:
    if repeated:
        return DataClass.RESTRICTED
    try:
        return DataClass.parse(value.strip())
    except KeyError:
        return DataClass.RESTRICTED
