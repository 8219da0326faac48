"""The egress reads what it is about to send: a body that is more sensitive than its ticket says is not sent.

The edge has labelled the request already. This second look, in another process and by this process's own policy, is
what holds if the edge has a bug, an older policy, or was taken over.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

from gateway.domain.errors import InvalidRequest
from gateway.domain.label import Label
from gateway.domain.masking import Masks, masks_for
from gateway.domain.target import Target
from gateway.egress.admission import held
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import DocumentReader
from gateway.scanning import ScanFailed, read_documents, scanned
from gateway.sensitivity.scan import scanner_for
from gateway.ticket.claims import Claims
from gateway.wire.body import Tree, parse
from gateway.wire.remote import remote_urls, trouble
from gateway.wire.reserved import strip


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a body. ``code`` says why it must not be sent; empty if it may."""

    found: Label | None = None
    exceptions: tuple[str, ...] = ()
    observed: bool = False
    code: str = ""
    fetches: bool = False
    """It names something for the vendor to fetch."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Scans bodies by the policy that is active here."""

    policy: Callable[[], PolicySnapshot]
    depth: int
    now: Callable[[], float]
    took: Callable[[float], None] = lambda _: None
    """Called with the seconds of each scan."""
    documents: DocumentReader | None = None
    """Reads PDFs; None: they count as pictures."""

    async def look(self, claims: Claims, target: Target, body: bytes) -> Seen:
        """Return what is in a body and whether its ticket permits it."""
        try:
            tree = parse(body, max_depth=self.depth)
        except InvalidRequest:
            return Seen(code="malformed_body")
        if steers(tree, target):
            return Seen(code="vendor_routing")
        urls = [url for _, url in remote_urls(tree)]
        if any(trouble(url) is not None for url in urls):
            return Seen(code="private_address")
        started = perf_counter()
        seen = await self._scan(claims, target, callers_part(tree, target), body)
        self.took(perf_counter() - started)
        return replace(seen, fetches=True) if urls else seen

    async def _scan(self, claims: Claims, target: Target, tree: Tree, body: bytes) -> Seen:
        snapshot = self.policy()
        team = snapshot.teams.get(claims.team)
        masks = masks_for(target, team) if claims.masked else Masks()
        unread = () if team is None else team.unscannable
        scanner, excused = scanner_for(snapshot.sensitivity), held(snapshot, claims, self.now())
        read = await read_documents(tree, body, self.documents)
        scan = partial(scanner.scan, tree, excused, one_is_enough=masks.cover, unscannable=unread, documents=read)
        try:
            found = await scanned(scan, len(body))
        except ScanFailed as failed:
            code = "rescan_timeout" if failed.reason == "late" else "rescan_failed"
            return _verdict(Seen(code=code), snapshot, claims)
        code = "" if _covers(claims.label, found.label) else "higher_class"
        return _verdict(Seen(found.label, found.excepted, code=code), snapshot, claims)


def callers_part(tree: Tree, target: Target) -> Tree:
    """Return the fields that are not the policy's own words: the edge did not label those either."""
    ours = {**target.params.default, **target.params.set, "model": target.model}
    return {name: value for name, value in tree.items() if name not in ours or value != ours[name]}


def steers(tree: Tree, target: Target) -> bool:
    """Return whether a body has a field that forwards it elsewhere, other than those set by the policy's ``params``."""
    ours = {**target.params.default, **target.params.set}
    _, names = strip(tree)
    if any(name not in ours or (name in target.params.set and tree[name] != ours[name]) for name in names):
        return True
    tools = tree.get("tools")
    return isinstance(tools, list) and any(isinstance(tool, dict) and tool.get("type") == "mcp" for tool in tools)


def _covers(claimed: Label, found: Label) -> bool:
    """Return whether the ticket's label is at least what was found. Regions do not come from reading."""
    return claimed.data_class >= found.data_class and found.categories <= claimed.categories


def _verdict(seen: Seen, snapshot: PolicySnapshot, claims: Claims) -> Seen:
    """Return the verdict; in observe mode a refusal becomes ``observed=True``."""
    if not seen.code or not snapshot.observes(claims.team):
        return seen
    return Seen(seen.found, seen.exceptions, observed=True)
