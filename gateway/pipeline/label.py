"""How sensitive a request is: the join of what team, caller, text and conversation say; in doubt the higher one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypedDict, Unpack

from msgspec import Struct

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import UNKNOWN, DataClass, Label, Part, joined
from gateway.domain.masking import masks_of
from gateway.domain.sensitivity import SensitivitySpec
from gateway.domain.team import Team
from gateway.pipeline import session
from gateway.pipeline.inbound import Headers
from gateway.pipeline.remembering import Remembering
from gateway.pipeline.request import Request
from gateway.pipeline.salt import Salt
from gateway.ports import DocumentReader, Principal, SessionLabels
from gateway.scanning import ScanFailed, off_loop, read_documents, scanned
from gateway.sensitivity.conversation import DECLARED, Conversation, conversation
from gateway.sensitivity.envelope import vendor_of
from gateway.sensitivity.finding import Finding
from gateway.sensitivity.origins import Origin
from gateway.sensitivity.result import NO_DOCUMENTS, Documents
from gateway.sensitivity.scan import Scan, scanner_for
from gateway.sensitivity.traces import NO_TRACES, Traces, Tracing, is_of_values, split, trace_key
from gateway.wire.body import Tree

Unscannable = Sequence[tuple[str, DataClass]]
DATA_CLASS_HEADER: Final = "x-gateway-data-class"


class Labelled(Struct, frozen=True):
    """A request's label and all that it is made of."""

    label: Label
    floor: Label
    """What team, key, model and caller say: no masking lifts it."""
    parts: tuple[Part, ...]
    """What was found, now and earlier in the conversation, one a kind."""
    findings: tuple[Finding, ...]
    text_bytes: int
    sealed: tuple[str, ...]
    """Vendors of the sealed blocks in it."""
    exceptions: tuple[PolicyException, ...]
    """Those that hold for the team now."""
    excepted: tuple[str, ...]
    """Those of them that excused a finding."""
    conversation: Conversation
    memory: Remembering
    """What its conversation must remember of it once it is sent."""
    tainted: Label
    """What earlier turns of the conversation add."""
    origins: tuple[Origin, ...]
    """The decisions that made the conversation what it is."""
    opening: str
    """Salted hash of everything up to the first user turn; empty without one."""
    traces: Traces = NO_TRACES
    """Values that the conversation holds, those of this request included: masked in every form that can be read."""
    deep: bool = False
    """Tier 2 has looked."""
    documents: Documents = NO_DOCUMENTS
    """What was read of its PDFs."""


class Options(TypedDict, total=False):
    """How a request is scanned, see :meth:`Scanner.scan`."""

    one_is_enough: Callable[[str], bool]
    traces: Traces
    tracing: Tracing | None
    unscannable: Unscannable
    documents: Documents


async def scan(
    tree: Tree,
    spec: SensitivitySpec,
    body_bytes: int,
    excused: tuple[PolicyException, ...] = (),
    **options: Unpack[Options],
) -> Scan:
    """Scan a request; one that cannot be read, or not in time, is unscannable: it may hold anything."""
    try:
        scanner = scanner_for(spec)
        return await scanned(partial(scanner.scan, tree, excused, **options), body_bytes)
    except ScanFailed as failed:
        unread = Part("unscannable", UNKNOWN, 0)
        findings, parts = (Finding(f"unscannable:{failed.reason}", "", 0, 0),), (unread,)
        return Scan(unread.label, findings, body_bytes, parts, memory=parts)


async def labelled(
    request: Request, sessions: SessionLabels, salt: Salt, *, keep: bool, reader: DocumentReader | None = None
) -> Labelled:
    """Return the label of a request.

    Args:
        request: as it came.
        sessions: labels of conversations.
        salt: of hashes.
        keep: the store may note it (a dry run leaves no trace).
        reader: reads its PDFs.
    """
    inbound, shape, principal = request.inbound, request.shape, request.principal
    team, snapshot = request.team, request.snapshot
    at = inbound.received_ns // 1_000_000_000
    exceptions = snapshot.in_force(team.id, at)
    known, opening = await off_loop(partial(_chained, request, salt), len(request.body))
    recalled = await session.recalled(sessions, team.id, known)
    traces, tracing = remembering(request, recalled.traces, salt)
    read = await read_documents(request.tree, request.body, reader)
    found = await _scanned(request, exceptions, traces=traces, tracing=tracing, documents=read)
    floor = snapshot.floor_for(team=team.id, key=principal.key, model=shape.model)
    declared = declared_class(inbound.headers)
    base = default_class(declared, team, principal)
    said = () if declared is None else (Part(DECLARED, Label(declared)),)
    parts = (*found.parts, *said)
    own = Label(team.default_class).join(floor)
    before = await session.carried(sessions, team.id, known, recalled, found.sealed, keep=keep)
    lasting = session.lasting((*_memory(found, known), *said, *before.lost), own)
    seals = await off_loop(partial(_vendors, found, before, request), sum(map(len, found.seals)))
    if "" in seals:
        unread = snapshot.sensitivity.class_of_unread("unknown", team.unscannable)
        parts = (*parts, Part("unscannable", Label(unread)))
    findings = (*_sealed(seals), *_evidence(found, before, recalled.origins, joined(parts, own)))
    floor = floor.join(Label(base))
    every = session.merged([*(part for part in parts if part.kind != DECLARED), *before.parts])
    return Labelled(
        label=joined(every, floor),
        floor=floor,
        parts=every,
        findings=findings,
        text_bytes=found.text_bytes,
        sealed=tuple(sorted({*before.vendors, *filter(None, seals)})),
        exceptions=exceptions,
        excepted=found.excepted,
        conversation=known,
        memory=Remembering(known, recalled, lasting, inbound.id, at),
        tainted=joined(before.parts),
        origins=recalled.origins,
        opening=opening,
        traces=traces if tracing is None else traces.joined(split(found.memory)[1], tracing.secret),
        documents=read,
    )


async def _scanned(request: Request, exceptions: tuple[PolicyException, ...], **options: Unpack[Options]) -> Scan:
    options["unscannable"] = request.team.unscannable
    return await scan(request.tree, request.snapshot.sensitivity, len(request.body), exceptions, **options)


def _memory(found: Scan, known: Conversation) -> list[Part]:
    """Return what the conversation may remember: no masked values that each request brings anew."""
    return [part for part in found.memory if not (is_of_values(part) and known.is_outside(part))]


def _vendors(found: Scan, before: session.Carried, request: Request) -> list[str]:
    """Return the vendors, as their forms name them, of the sealed blobs that nobody here has seen; empty: unknown.

    What the store may have forgotten is never taken for a vendor's.
    """
    taken = request.snapshot.sensitivity.takes_unseen(request.team.default_class) and not before.lost
    seals = dict(zip(found.sealed, found.seals, strict=True))
    return [vendor_of(seals[one]) if taken else "" for one in before.unknown_seals]


def _sealed(vendors: Sequence[str]) -> list[Finding]:
    unseen = ["sealed:unseen"] if any(vendors) else []
    return [Finding(name, "", 0, 0) for name in (*unseen, *(["unscannable:sealed"] if "" in vendors else []))]


def _evidence(found: Scan, before: session.Carried, origins: Sequence[Origin], own: Label) -> tuple[Finding, ...]:
    """Return what was found, now and earlier, with what excused it; ``own``: the label of the request by itself."""
    findings = found.findings
    if before.parts and not own.covers(joined(before.parts)):
        made = {origin.kind: origin.decision for origin in origins}
        findings = (
            *findings,
            *(Finding(f"session:{part.kind}", made.get(part.kind, ""), 0, 0) for part in before.parts),
        )
    return (*findings, *(Finding(f"exception:{name}", "", 0, 0) for name in found.excepted))


def remembering(request: Request, kept: Sequence[Part], salt: Salt) -> tuple[Traces, Tracing | None]:
    """Return the values that the conversation held (``kept``: their traces), and how it remembers what is found now.

    Kinds that some vendor's target sees masked are remembered by their values; any other finding taints.
    """
    snapshot, team = request.snapshot, request.team
    if not kept and not snapshot.masks:
        return NO_TRACES, None
    secret = trace_key(salt.key, team.id)
    traces = Traces(kept, secret) if kept else NO_TRACES
    masks = masks_of(snapshot.targets.values(), team)
    return traces, Tracing(secret, masks.cover, traces.kinds)


def _chained(request: Request, salt: Salt) -> tuple[Conversation, str]:
    """Return the conversation of a request, and the hash of what it opened with: both read all of its turns."""
    inbound, team, shape, principal = request.inbound, request.team, request.shape, request.principal
    known = conversation(
        request.tree,
        team=team.id,
        key=principal.key,
        session=salt.hash("session", team.id, session.session_id(inbound.headers, shape)),
        secret=salt.key,
    )
    return known, salt.hash("conversation", principal.team, shape.opening)


def default_class(declared: DataClass | None, team: Team, principal: Principal) -> DataClass:
    """Return the class that team and caller set together.

    The header raises. Only a key with the ``declassify`` grant may go below its team's default; what was found or
    carried, and the policy's floors, are joined afterwards and hold in any case.
    """
    if declared is None:
        return team.default_class
    return declared if "declassify" in principal.grants else max(team.default_class, declared)


def declared_class(headers: Headers) -> DataClass | None:
    """Return the class that the caller declares; an unknown class, or two of them, counts as the highest."""
    value = headers.get(DATA_CLASS_HEADER)
    if value is None:
        return None
    if DATA_CLASS_HEADER in headers.repeated:
        return DataClass.RESTRICTED
    try:
        return DataClass.parse(value.strip())
    except KeyError:
        return DataClass.RESTRICTED
