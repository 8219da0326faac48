"""Deliberate faults of kinds that gateways really had, or that a tired engineer would write; switched on one by one.

A fault replaces one name of the code while the suite runs. The result is what notices it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from msgspec.structs import force_setattr
from support.replacing import replace

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import Clearance, DataClass, Label
from gateway.domain.target import Target
from gateway.egress import admission
from gateway.egress.chain import Chain, ChainUnavailable
from gateway.egress.screen import Screen, Seen
from gateway.pipeline import (
    answered,
    deepen,
    dispatch,
    handle,
    label,
    masking,
    permit,
    remembering,
    request,
    sending,
    session,
)
from gateway.policy.decide import evaluate, hard_rules
from gateway.sensitivity import conversation, said, unmask, vault
from gateway.sensitivity.result import Scan
from gateway.sensitivity.scanner import Scanner
from gateway.stores.sessions.memory import MemorySessions

Bug = Callable[[], Any]
BUGS: dict[str, Bug] = {}
BLIND = "the egress does not read what it sends"
BEHIND_A_BLIND_EGRESS: set[str] = set()
"""Faults that the egress's own reading would make good: switched on together with a blind egress, so that it is the
edge that is tried; what notices the blind egress alone does not count."""


def bug(name: str, *, blind: bool = False) -> Callable[[Bug], Bug]:
    def note(function: Bug) -> Bug:
        BUGS[name] = function
        if blind:
            BEHIND_A_BLIND_EGRESS.add(name)
        return function

    return note


def instead(owner: Any, name: str, value: Any) -> Any:
    return patch.object(owner, name, value)


@bug("retries are not asked about again")
def _() -> Any:
    asked = permit.permit

    async def once(case: Any, target: Target, world: Any) -> Any:
        first = not any(
            record.kind == "attempt" and record.decision == case.inbound.id for record in world.spool.records
        )
        return await asked(case, target, world) if first else permit.Permit(case.facts.label)

    return instead(sending, "permit", once)


@bug("a failover takes any target of the model")
def _() -> Any:
    whole = dispatch.Dispatch._options

    def wider(self: Any) -> Any:
        options = whole(self)
        snapshot, known = self._case.snapshot, {option.target for option in options}
        model = snapshot.model_for(self._case.facts.model)
        more = [snapshot.targets[name] for name in model.candidates if name not in known]
        ranked = [evaluate._ranked(hard_rules.bid_for(target, self._case.facts)) for target in more]
        decision = replace(self._case.decision, ranked=(*self._case.decision.ranked, *ranked))
        force_setattr(self._case, "decision", decision)
        return whole(self)

    return _both(instead(dispatch.Dispatch, "_options", wider), _no_recheck(), _open_egress())


@bug(BLIND)
def _() -> Any:
    async def blind(self: Any, claims: Any, target: Any, body: bytes) -> Seen:
        return Seen()

    return instead(Screen, "look", blind)


@bug("the egress does not compare label and clearance")
def _() -> Any:
    return instead(admission, "_cleared", lambda claims, target, snapshot, now: admission.Admitted(claims, target))


@bug("the egress takes a ticket for another body", blind=True)
def _() -> Any:
    from gateway.ticket import claims

    return instead(claims, "body_hash", lambda body: "same")


@bug("tools' arguments are not read")
def _() -> Any:
    return _unread("arguments", "input")


@bug("tools' results are not read")
def _() -> Any:
    whole = Scanner.scan

    def less(self: Any, tree: Any, excused: Any = ()) -> Scan:
        turns = [turn for turn in tree.get("messages", []) if not _is_result(turn)]
        return whole(self, {**tree, "messages": turns}, excused)

    return instead(Scanner, "scan", less)


@bug("metadata and user are not read")
def _() -> Any:
    return _unread("metadata", "user")


@bug("only the last message is read")
def _() -> Any:
    whole = Scanner.scan

    def less(self: Any, tree: Any, excused: Any = ()) -> Scan:
        return whole(self, {**tree, "messages": tree.get("messages", [])[-1:]}, excused)

    return instead(Scanner, "scan", less)


@bug("a scan that fails finds nothing", blind=True)
def _() -> Any:
    whole = label.scan

    async def swallows(tree: Any, spec: Any, size: int, excused: Any = ()) -> Scan:
        found = await whole(tree, spec, size, excused)
        failed = any(finding.detector == "unscannable:failed" for finding in found.findings)
        return Scan(Label(), (), size) if failed else found

    return instead(label, "scan", swallows)


@bug("a scan that is late finds nothing", blind=True)
def _() -> Any:
    whole = label.scan

    async def waves(tree: Any, spec: Any, size: int, excused: Any = ()) -> Scan:
        found = await whole(tree, spec, size, excused)
        late = any(finding.detector == "unscannable:late" for finding in found.findings)
        return Scan(Label(), (), size) if late else found

    return instead(label, "scan", waves)


@bug("what cannot be read is public")
def _() -> Any:
    whole = Scanner.scan

    def lax(self: Any, tree: Any, excused: Any = ()) -> Scan:
        found = whole(self, tree, excused)
        parts = tuple(part for part in found.parts if part.kind != "unscannable")
        level = Label()
        for part in parts:
            level = level.join(part.label)
        return replace(found, parts=parts, label=level)

    return instead(Scanner, "scan", lax)


@bug("raw bytes are forwarded")
def _() -> Any:
    whole = sending.Sending.call

    def raw(self: Any, case: Any, *args: Any) -> Any:
        call, dropped = whole(self, case, *args)
        return replace(call, body=case.inbound.body), dropped

    return instead(sending.Sending, "call", raw)


@bug("the taint is written after the request was sent")
def _() -> Any:
    whole = remembering.Remembering.begin
    waiting: list[Any] = []

    async def later(*args: Any) -> bool:
        for held in waiting:
            await whole(*held)
        waiting[:] = [args]
        return True

    return instead(remembering.Remembering, "begin", later)


@bug("labels of conversations are not looked up")
def _() -> Any:
    async def forgets(self: Any, team: str, keys: Any) -> Any:
        return [None] * len(keys)

    return instead(MemorySessions, "find", forgets)


@bug("a store that is away means no label")
def _() -> Any:
    return instead(session, "UNAVAILABLE", replace(session.UNAVAILABLE, label=Label()))


@bug("a later label replaces an earlier one")
def _() -> Any:
    whole = MemorySessions.add

    async def replaces(self: Any, team: str, keys: Any, parts: Any) -> None:
        for key in keys:
            self._teams.get(team, {}).pop(key, None)
        await whole(self, team, keys, parts)

    return instead(MemorySessions, "add", replaces)


@bug("what stands outside of the turns is everybody's")
def _() -> Any:
    return instead(conversation.Conversation, "scoped", lambda self, part: part)


@bug("an answer is any answer to the same words")
def _() -> Any:
    return instead(said.Said, "normal", property(lambda self: ""))


@bug("a request without an id has no place")
def _() -> Any:
    return instead(conversation.Conversation, "here", property(lambda self: ""))


@bug("what was refused taints")
def _() -> Any:
    whole = handle.labelled

    async def kept(asked: Any, sessions: Any, *args: Any, **more: Any) -> Any:
        found = await whole(asked, sessions, *args, **more)
        await found.memory.begin(sessions, asked.team.id)
        return found

    return instead(handle, "labelled", kept)


@bug("a vendor's answer does not taint")
def _() -> Any:
    async def nothing(self: Any, whole: Any = None, size: int = 0) -> None:
        return None

    return instead(answered.Answered, "label", nothing)


@bug("a caller's header may lower")
def _() -> Any:
    return instead(
        label,
        "default_class",
        lambda declared, team, principal: declared if declared is not None else team.default_class,
    )


@bug("an unknown class is public")
def _() -> Any:
    whole = label.declared_class

    def lax(headers: Any) -> Any:
        value = headers.get(label.DATA_CLASS_HEADER)
        known = value in {"public", "internal", "confidential", "restricted"}
        return whole(headers) if known else DataClass.PUBLIC if value is not None else None

    return instead(label, "declared_class", lax)


@bug("an exception never ends")
def _() -> Any:
    return instead(PolicyException, "holds", lambda self, team, at: team in self.teams)


@bug("an exception for one value excuses all")
def _() -> Any:
    return instead(PolicyException, "excuses", lambda self, kind, value: kind in self.detectors)


@bug("an exception for one class permits all")
def _() -> Any:
    return instead(PolicyException, "permits", lambda self, label, target: target in self.targets)


@bug("categories are not compared")
def _() -> Any:
    return _clearance(lambda self, label: Label(label.data_class, regions=label.regions))


@bug("regions are not compared")
def _() -> Any:
    return _clearance(lambda self, label: Label(label.data_class, label.categories))


@bug("observing one team observes all")
def _() -> Any:
    from gateway.policy.snapshot import PolicySnapshot

    return instead(PolicySnapshot, "observes", lambda self, team: bool(self.sensitivity.team_modes))


@bug("masking is not checked again", blind=True)
def _() -> Any:
    async def nothing(tree: Any, spec: Any, size: int, excused: Any = ()) -> Scan:
        return Scan(Label(), (), size)

    return instead(masking, "scan", nothing)


@bug("one vault for all requests")
def _() -> Any:
    shared: list[Any] = []

    def one(*args: Any) -> Any:
        if not shared:
            shared.append(vault.Vault(*args))
            shared[0].wipe = lambda: None
        return shared[0]

    return instead(masking, "Vault", one)


@bug("a placeholder is guessed")
def _() -> Any:
    import re

    whole = unmask.Unmasker.__init__

    def guesses(self: Any, held: Any, *, inside_json: bool = False) -> None:
        whole(self, held, inside_json=inside_json)
        names = {name.replace("_", " ").lower(): value for name, value in held.values.items()}
        self._written = {**self._written, **{key.title(): value for key, value in names.items()}}
        self._pattern = re.compile("|".join(map(re.escape, self._written)) or r"(?!)")

    return instead(unmask.Unmasker, "__init__", guesses)


@bug("placeholders are predictable and may stand in the prompt")
def _() -> Any:
    def counted(self: Any, kind: str, value: str) -> str:
        known = self._placeholders.get((kind, value))
        if known is None:
            known = f"MASKED_{kind.upper()}_{len(self._values):08x}"
            self._placeholders[kind, value] = known
            self._values[known] = value
        return known

    return instead(vault.Vault, "placeholder", counted)


@bug("a vault outlives a hang-up")
def _() -> Any:
    return instead(vault.Vault, "wipe", lambda self: None)


@bug("sending goes on when the chain cannot be written")
def _() -> Any:
    whole = Chain.append

    def shrugs(self: Any, draft: Any) -> Any:
        try:
            return whole(self, draft)
        except ChainUnavailable:
            return draft.sealed(1, "")

    return instead(Chain, "append", shrugs)


@bug("a vendor's own fallbacks go through")
def _() -> Any:
    return instead(request, "strip", lambda tree: (tree, ()))


@bug("what is sent is not remembered")
def _() -> Any:
    async def nothing(self: Any, store: Any, team: str) -> bool:
        return True

    return instead(remembering.Remembering, "begin", nothing)


@bug("a seal that nobody has seen is anybody's")
def _() -> Any:
    return instead(label, "vendor_of", lambda seal: "other.example")


@bug("policy is read once and never again in the egress")
def _() -> Any:
    first: list[Any] = []
    whole = admission.TicketGate.admit

    def stale(self: Any, ticket: Any, sending: Any) -> Any:
        first.append(self._policy())
        self._policy = lambda: first[0]
        return whole(self, ticket, sending)

    return instead(admission.TicketGate, "admit", stale)


@bug("a deep look that is late finds nothing")
def _() -> Any:
    return instead(deepen, "LATE", replace(deepen.LATE, label=Label()))


@bug("only first choices are looked at deeply")
def _() -> Any:
    async def shallow(found: Any, *_: Any, **__: Any) -> Any:
        return found

    return instead(permit, "deepened", shallow)


@bug("evidence holds the text")
def _() -> Any:
    from gateway.pipeline import handle as story

    whole = story._case

    def telling(known: Any, *args: Any) -> Any:
        made = whole(known, *args)
        made.made.evidence.append({"detector": "x", "path": str(known.asked.tree), "span": [0, 0]})
        return made

    return instead(story, "_case", telling)


def _no_recheck() -> Any:
    async def always(case: Any, target: Target, world: Any) -> Any:
        return permit.Permit(case.facts.label)

    return instead(sending, "permit", always)


def _open_egress() -> Any:
    return _both(
        instead(admission, "_cleared", lambda claims, target, snapshot, now: admission.Admitted(claims, target)),
        _blind_egress(),
    )


def _blind_egress() -> Any:
    async def blind(self: Any, claims: Any, target: Any, body: bytes) -> Seen:
        return Seen()

    return instead(Screen, "look", blind)


def _unread(*names: str) -> Any:
    whole = Scanner.scan

    def without(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: without(value) for key, value in node.items() if key not in names}
        return [without(item) for item in node] if isinstance(node, list) else node

    return instead(Scanner, "scan", lambda self, tree, excused=(): whole(self, without(tree), excused))


def _is_result(turn: Any) -> bool:
    content = turn.get("content")
    parts = content if isinstance(content, list) else []
    return turn.get("role") == "tool" or any(
        isinstance(part, dict) and part.get("type") == "tool_result" for part in parts
    )


def _clearance(weaker: Callable[[Clearance, Label], Label]) -> Any:
    whole = Clearance.refusal

    def less(self: Clearance, label: Label, region: str) -> str | None:
        return whole(self, weaker(self, label), region)

    return instead(Clearance, "refusal", less)


@contextmanager
def _both(*faults: Any) -> Iterator[None]:
    with ExitStack() as stack:
        for fault in faults:
            stack.enter_context(fault)
        yield
