"""Cases: example requests with expected decisions. They are a policy's unit tests, run by ``gateway policy test``."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.domain.decision import Decision
from gateway.domain.errors import ModelNotFound
from gateway.domain.facts import Facts
from gateway.domain.files import FILE, FILE_PARTS, PDF, file_type
from gateway.domain.label import DataClass, Label, Part, joined
from gateway.domain.money import from_usd
from gateway.estimation.tokens import estimate_tokens
from gateway.policy.block import LEVELS
from gateway.policy.decide.evaluate import decide
from gateway.policy.decide.refusal import refusal
from gateway.policy.document.checks import Case, Expect, Given
from gateway.policy.snapshot import PolicySnapshot

Classify = Callable[[str | dict[str, Any]], Sequence[Part]]
"""Text or a request's body in, parts of a label out: the detectors, handed in."""
_MEDIA: Final = {"image": "vision", "image_url": "vision", "input_image": "vision", "input_audio": "audio"}
"""Type of a part of a message → what the model must be able to do."""

ENVELOPE_BYTES: Final = 200
"""Bytes of a request around its text."""


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """How one case came out."""

    name: str
    problems: tuple[str, ...]
    """Differences from what was expected; empty if the case passed."""
    got: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Return whether the case passed."""
        return not self.problems


def run_cases(snapshot: PolicySnapshot, classify: Classify) -> list[CaseOutcome]:
    """Run every case of a policy, in its order."""
    return [run_case(snapshot, case, classify) for case in snapshot.cases]


def run_case(snapshot: PolicySnapshot, case: Case, classify: Classify) -> CaseOutcome:
    """Run one case."""
    facts = facts_of(snapshot, case.given, classify)
    got = _result(snapshot, facts, case.given.down)
    return CaseOutcome(case.name, tuple(_problems(case.expect, got)), got)


def facts_of(snapshot: PolicySnapshot, given: Given, classify: Classify) -> Facts:
    """Return the facts of a case, gathered as from a request: a label is only ever raised."""
    team = snapshot.teams.get(given.team)
    floor = Label(
        max(LEVELS[given.data_class or "public"], team.default_class if team else DataClass.PUBLIC),
        frozenset(given.categories),
    ).join(snapshot.floor_for(team=given.team, key=given.key, model=given.model))
    parts = _parts(snapshot, given, classify)
    size = len(given.text.encode()) + len(repr(given.parts)) * bool(given.parts)
    needs = _needs(given)
    task = snapshot.task_for(header=given.task, user_agent="", team=given.team, model=given.model, key=given.key)
    return Facts(
        team=given.team,
        key=given.key,
        model=given.model,
        dialect=given.dialect,
        task=task,
        user=given.user,
        session=given.session,
        label=joined(parts, floor),
        stream=given.stream,
        has_tools=given.has_tools,
        has_images="vision" in needs,
        needs=needs,
        input_tokens=estimate_tokens(size),
        input_bytes=size + ENVELOPE_BYTES,
        max_tokens=given.max_tokens,
        hour=given.hour,
        weekday=given.weekday,
        budget_left_nanos=None if given.budget_left_usd is None else from_usd(given.budget_left_usd),
        floor=floor if snapshot.masks else Label(),
        parts=parts if snapshot.masks else (),
    )


def _needs(given: Given) -> tuple[str, ...]:
    """Return what a model must be able to do for a case, sorted."""
    needs = {need for need, needed in (("tools", given.has_tools), ("vision", given.has_images)) if needed}
    for part in given.parts:
        kind = str(part.get("type"))
        if kind in _MEDIA:
            needs.add(_MEDIA[kind])
        elif kind in FILE_PARTS and (kind := file_type(part, kind)):
            needs.add(PDF if kind == PDF else FILE)
    return tuple(sorted(needs))


def _parts(snapshot: PolicySnapshot, given: Given, classify: Classify) -> tuple[Part, ...]:
    """Return what a case's text adds to its label, and its pictures and files: nobody can read them."""
    content = [{"type": "text", "text": given.text}, *given.parts]
    body = {"messages": [{"role": "user", "content": content}]}
    found = list(classify(body if given.parts else given.text))
    if given.has_images and all(part.kind != "unscannable:image" for part in found):
        found.append(Part("unscannable:image", Label()))
    spec, team = snapshot.sensitivity, snapshot.teams.get(given.team)
    own = () if team is None else team.unscannable
    return tuple(
        Part(part.kind, Label(spec.class_of_unread(part.kind.partition(":")[2] or "unknown", own)), part.turn)
        if part.kind.startswith("unscannable")
        else part
        for part in found
    )


def _result(snapshot: PolicySnapshot, facts: Facts, down: Sequence[str]) -> dict[str, Any]:
    """Decide, and pass over targets that are down as the dispatcher does."""
    try:
        decision = decide(snapshot, facts)
    except ModelNotFound:
        decision = Decision(facts.model, (), (), None, "", snapshot.hash, "")
        return _as_data(decision, facts, None, "model_not_found")
    refused = refusal(snapshot, decision, facts)
    if refused is not None:
        return _as_data(decision, facts, None, refused)
    up = [ranked.target for ranked in decision.ranked if ranked.target not in down]
    if up:
        return _as_data(decision, facts, up[0], None, snapshot.targets[up[0]].zone)
    return _as_data(decision, facts, None, "no_healthy_target")


def _as_data(
    decision: Decision, facts: Facts, target: str | None, error: str | None, zone: str | None = None
) -> dict[str, Any]:
    passed_over = target is not None and target != decision.ranked[0].target
    return {
        "target": target,
        "zone": zone,
        "error": error,
        "dropped": sorted(dropped.target for dropped in decision.dropped),
        "reason": "failover" if passed_over else decision.reason,
        "rule": "health" if passed_over else decision.rule,
        "data_class": facts.label.data_class.word,
        "masked": target in decision.masked,
    }


def _problems(expect: Expect, got: dict[str, Any]) -> Iterable[str]:
    for key in sorted(expect.model_fields_set):
        wanted = getattr(expect, key)
        wanted = sorted(wanted) if key == "dropped" else wanted
        if wanted != got[key]:
            yield f"{key}: expected {_words(wanted)}, got {_words(got[key])}"
    if got["error"] is not None and not expect.model_fields_set & {"error", "target", "zone"}:
        yield f"error: expected none, got {got['error']}"


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "none" if value is None else str(value)
