"""What makes texts look harmless, or less so: detectors, word lists, floors, default classes, modes."""

from typing import Any, Final

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label
from gateway.domain.sensitivity import MEDIA
from gateway.policy.decide.hard_rules import first_certain_refusal
from gateway.policy.diff.change import Effect, Kind
from gateway.policy.diff.directions import (
    Direction,
    Kinds,
    fewer_widens,
    greater_widens,
    less_widens,
    lower_widens,
    more_widens,
    none_is_all,
    unknown_widens,
)
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.words import describe, value
from gateway.policy.snapshot import PolicySnapshot


def _validator(before: str, after: str) -> Kinds:
    """With a checksum a detector finds less; two different checksums cannot be compared."""
    del before
    return (Kind.NARROWS,) if after == "none" else (Kind.WIDENS,)


def _likely(before: str | None, after: str | None) -> Kinds:
    """Without a class of its own, a likely finding counts as a sure one."""
    if before is None or after is None:
        return (Kind.WIDENS,) if before is None else (Kind.NARROWS,)
    return lower_widens(before, after)


_KINDS: Final = (*MEDIA, "unknown")
_FIELDS: Final[dict[str, Direction]] = {
    "class": lower_widens,
    "likely": _likely,
    "categories": fewer_widens,
    "words": fewer_widens,
    "ignore": more_widens,
    "min_distinct": greater_widens,
    "case_sensitive": greater_widens,
    "context": none_is_all(fewer_widens, whole=Kind.NARROWS),
    "within": less_widens,
    "validator": _validator,
    "pattern": unknown_widens,
}


def detector(edit: Edit) -> list[Effect]:
    """Judge a built-in detector, one of the policy's own, or a word list."""
    if not edit.field and (edit.before is None or edit.after is None):
        gone = edit.after is None
        there = edit.before if gone else edit.after
        what = f"{describe(edit).rpartition(' ')[0]} {'no longer runs' if gone else 'runs'}"
        return [Effect(Kind.WIDENS if gone else Kind.NARROWS, what, label=_found(edit.name, there["class"]))]
    if edit.field == "words":  # a list of customers belongs into no comment
        lost, won = set(edit.before) - set(edit.after), set(edit.after) - set(edit.before)
        what = f"word list {edit.name}: {len(lost)} words fewer, {len(won)} more"
    else:
        what = describe(edit)
    label = _moved(edit.before, edit.after) if edit.field in {"class", "likely"} else f"findings of {edit.name}"
    judge = _FIELDS.get(edit.field, unknown_widens)
    return [Effect(kind, what, label=label) for kind in judge(edit.before, edit.after)]


def floor(edit: Edit) -> list[Effect]:
    """Judge the least label of some callers."""
    before, after = edit.before or Label(), edit.after or Label()
    teams = _teams(edit.name)
    kinds = [Kind.WIDENS] if not after.covers(before) else []
    kinds += [Kind.NARROWS] if not before.covers(after) else []
    label = f"{_label(before)} → {_label(after)}"
    return [Effect(kind, f"floor for {edit.name}", teams, label) for kind in kinds or [Kind.MOVES]]


def unscannable(edit: Edit) -> list[Effect]:
    """Judge the class of what cannot be scanned."""
    before, after = (one if isinstance(one, dict) else dict.fromkeys(_KINDS, one) for one in (edit.before, edit.after))
    return _unread(before, after, describe(edit), ())


def vendor_opaque(edit: Edit) -> list[Effect]:
    """Judge whether sealed blobs that nobody here has seen may go back to their vendor."""
    kind = Kind.NARROWS if edit.after == "known_only" else Kind.WIDENS
    return [Effect(kind, describe(edit), label="sealed blobs that the gateway has not seen")]


def team_unscannable(edit: Edit, old: PolicySnapshot, new: PolicySnapshot) -> list[Effect]:
    """Judge a team's own classes of what cannot be scanned."""
    before, after = ({kind: side.sensitivity.class_of_unread(kind).word for kind in _KINDS} for side in (old, new))
    return _unread(before | edit.before, after | edit.after, describe(edit), (edit.name,))


def _unread(before: dict[str, str], after: dict[str, str], what: str, teams: tuple[str, ...]) -> list[Effect]:
    moves: dict[tuple[str, str], list[str]] = {}
    for kind, level in before.items():
        if level != after[kind]:
            moves.setdefault((level, after[kind]), []).append(kind)
    effects = []
    for (low, high), kinds in moves.items():
        which = "" if len(kinds) == len(before) else f" ({', '.join(kinds)})"
        label = f"what cannot be scanned{which}: {_moved(low, high)}"
        effects += [Effect(direction, what, teams, label=label) for direction in lower_widens(low, high)]
    return effects


def mode(edit: Edit) -> list[Effect]:
    """Judge whether labels are enforced. An added or removed team is reported as such."""
    if edit.before is None or edit.after is None:
        return []
    kind = Kind.WIDENS if edit.after == "observe" else Kind.NARROWS
    return [Effect(kind, describe(edit), (edit.name or "(any new team)",), "every class")]


def default_class(edit: Edit, old: PolicySnapshot, new: PolicySnapshot) -> list[Effect]:
    """Judge what a team's texts count as if nothing is found in them, and where that lets them go."""
    kind = lower_widens(edit.before, edit.after)[0]
    low, high = sorted(DataClass.parse(word) for word in (edit.before, edit.after))
    policy = new if kind is Kind.WIDENS else old
    targets = [
        name
        for name, target in sorted(policy.targets.items())
        if target.zone == "closed"
        and first_certain_refusal(policy, target, Facts(edit.name, "", "", "", label=Label(low))) is None
        and first_certain_refusal(policy, target, Facts(edit.name, "", "", "", label=Label(high))) is not None
    ]
    return [Effect(kind, describe(edit), (edit.name,), _moved(edit.before, edit.after), tuple(targets))]


def _found(name: str, level: str) -> str:
    return f"{level} (findings of {name})"


def _moved(before: str | None, after: str | None) -> str:
    return f"{before or 'as sure ones'} → {after or 'as sure ones'}"


def _teams(name: str) -> tuple[str, ...]:
    """Return the teams that a floor names."""
    globs = [part.removeprefix("team ").split(", ") for part in name.split("; ") if part.startswith("team ")]
    return tuple(globs[0]) if globs else ()


def _label(label: Label) -> str:
    data: dict[str, Any] = label.as_json()
    text = str(data["data_class"])
    text += f" ({', '.join(data['categories'])})" if data["categories"] else ""
    return text + (f" only in {value(data['regions'])}" if data["regions"] is not None else "")
