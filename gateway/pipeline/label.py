"""How sensitive a request is: the join of what team, caller, text and conversation say; in doubt the higher one."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

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
from gateway.ports import Principal, SessionLabels
from gateway.scanning import ScanFailed, off_loop, scanned
from gateway.sensitivity.conversation import DECLARED, Conversation, conversation
from gateway.sensitivity.finding import Finding
from gateway.sensitivity.origins import Origin
from gateway.sensitivity.scan import Scan, scanner_for
from gateway.sensitivity.search import never
from gateway.sensitivity.traces import NO_TRACES, Traces, Tracing, split, trace_key
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


async def scan(
    tree: Tree,
    spec: SensitivitySpec,
    body_bytes: int,
    excused: tuple[PolicyException, ...] = (),
    *,
    one_is_enough: Callable[[str], bool] = never,
    traces: Traces = NO_TRACES,
    tracing: Tracing | None = None,
    unscannable: Unscannable = (),
) -> Scan:
    """Scan a request; one that cannot be read, or not in time, is unscannable: it may hold anything."""
    try:
        scanner = scanner_for(spec)
        return await scanned(
            partial(
                scanner.scan,
                tree,
                excused,
                one_is_enough=one_is_enough,
                traces=traces,
                tracing=tracing,
                unscannable=unscannable,
            ),
            body_bytes,
        )
    except ScanFailed as failed:
        unread = Part("unscannable", UNKNOWN, 0)
        findings, parts = (Finding(f"unscannable:{failed.reason}", "", 0, 0),), (unread,)
        return Scan(unread.label, findings, body_bytes, parts, memory=parts)


async def labelled(request: Request, sessions: SessionLabels, salt: Salt, *, keep: bool) -> Labelled:
    """Return the label of a request. ``keep``: the store may note it (a dry run leaves no trace)."""
    inbound, shape, tree, principal = request.inbound, request.shape, request.tree, request.principal
    team, snapshot = request.team, request.snapshot
    spec, at = snapshot.sensitivity, inbound.received_ns // 1_000_000_000
    exceptions = snapshot.in_force(team.id, at)
    known, opening = await off_loop(partial(_chained, request, salt), len(request.body))
    recalled = await session.recalled(sessions, team.id, known)
    traces, tracing = remembering(request, recalled.traces, salt)
    size, unread = len(request.body), team.unscannable
    found = await scan(tree, spec, size, exceptions, traces=traces, tracing=tracing, unscannable=unread)
    floor = snapshot.floor_for(team=team.id, key=principal.key, model=shape.model)
    declared = declared_class(inbound.headers)
    base = default_class(declared, team, principal)
    said = () if declared is None else (Part(DECLARED, Label(declared)),)
    parts = (*found.parts, *said)
    own = Label(team.default_class).join(floor)
    before = await session.carried(sessions, team.id, known, recalled, found.sealed, keep=keep)
    lasting = session.lasting((*found.memory, *said, *before.lost), own)
    findings = found.findings
    if before.unknown_seals:
        parts = (*parts, Part("unscannable", Label(spec.class_of_unread("unknown", team.unscannable))))
        findings = (*findings, Finding("unscannable:sealed", "", 0, 0))
    tainted = joined(before.parts)
    if before.parts and not joined(parts, own).covers(tainted):
        findings = (*findings, *_taints(before.parts, recalled.origins))
    findings = (*findings, *(Finding(f"exception:{name}", "", 0, 0) for name in found.excepted))
    floor = floor.join(Label(base))
    every = session.merged([*(part for part in parts if part.kind != DECLARED), *before.parts])
    return Labelled(
        label=joined(every, floor),
        floor=floor,
        parts=every,
        findings=findings,
        text_bytes=found.text_bytes,
        sealed=before.vendors,
        exceptions=exceptions,
        excepted=found.excepted,
        conversation=known,
        memory=Remembering(known, recalled, lasting, inbound.id, at),
        tainted=tainted,
        origins=recalled.origins,
        opening=opening,
        traces=traces if tracing is None else traces.joined(split(found.memory)[1], tracing.secret),
    )


def _taints(parts: Sequence[Part], origins: Sequence[Origin]) -> Iterator[Finding]:
    """Yield the evidence of what a conversation carries: its kind, and which decision it comes from."""
    places = {origin.kind: origin.decision for origin in origins}
    for part in parts:
        yield Finding(f"session:{part.kind}", places.get(part.kind, ""), 0, 0)


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
