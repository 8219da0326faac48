"""Judges an edit that does not change the egress matrix, by its section and field."""

from collections.abc import Callable
from typing import Any, Final

from gateway.policy.diff import grants, labelling, money
from gateway.policy.diff.change import Effect, Kind
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.form import Form
from gateway.policy.diff.keys import looks_at_keys, only_compares_keys
from gateway.policy.diff.routing import moved
from gateway.policy.diff.words import describe
from gateway.policy.snapshot import PolicySnapshot

_CERTAIN: Final = frozenset({"clearance", "license", "residency", "allow", "deny"})
_SAID: Final = ("id", "why")
"""Fields of a rule that decide nothing."""


def judged(edit: Edit, old: PolicySnapshot, new: PolicySnapshot, form: Form) -> list[Effect]:
    """Return what an edit does; ``form``: the new policy's, from which the rest of a changed item is known."""
    plain = _BY_SECTION.get(edit.section)
    if plain is not None:
        return plain(edit)
    if edit.section == "exceptions":
        found = grants.exception(edit)
        return [grants.of_exception(one, form["exceptions"][edit.name]) for one in found] if edit.field else found
    if edit.section == "teams" and edit.field == "default_class":
        return labelling.default_class(edit, old, new)
    if edit.section == "teams" and edit.field == "on_unscannable":
        return labelling.team_unscannable(edit, old, new)
    if edit.section == "teams" and edit.field == "mask":
        return grants.mask_all(edit)
    if edit.section == "teams" and edit.field in money.OF_TEAM:
        return money.team(edit)
    if edit.section == "targets" and edit.field:
        return _target(edit, form["targets"][edit.name])
    return moved(edit, _item(edit, form))


def _setting(edit: Edit) -> list[Effect]:
    if edit.name == "vendor_opaque":
        return labelling.vendor_opaque(edit)
    return labelling.unscannable(edit) if edit.name == "on_unscannable" else grants.networks(edit)


_BY_SECTION: Final[dict[str, Callable[[Edit], list[Effect]]]] = {
    "detectors": labelling.detector,
    "custom": labelling.detector,
    "word_lists": labelling.detector,
    "floors": labelling.floor,
    "commitments": money.commitment,
    "organization": money.commitment,
    "modes": labelling.mode,
    "settings": _setting,
    "invariants": grants.guard,
}


def beyond_the_matrix(edit: Edit, found: list[Effect]) -> list[Effect]:
    """Return what cannot be tried: a rule about keys that it does not name may do anything to some key."""
    if edit.section != "rules" or any(effect.kind is Kind.WIDENS for effect in found):
        return []
    sides = [side for side in (edit.before, edit.after) if side is not None and side["kind"] in _CERTAIN]
    open_ended = [side for side in sides if looks_at_keys(side["when"]) and not only_compares_keys(side["when"])]
    if not open_ended or _decides(edit.before) == _decides(edit.after):
        return []
    if edit.before is None:
        return [] if found else [Effect(Kind.NARROWS, f"{describe(edit)}, by keys that cannot all be tried")]
    return [Effect(Kind.WIDENS, f"{describe(edit)}, by keys that cannot all be tried")]


def _target(edit: Edit, item: dict[str, Any]) -> list[Effect]:
    if edit.field == "price":
        return money.price(edit)
    if item["zone"] == "closed" and edit.field == "mask":
        return grants.mask(edit)
    if item["zone"] == "closed" and edit.field == "contracts":
        return grants.contract(edit)
    return moved(edit, item)


def _item(edit: Edit, form: Form) -> dict[str, Any]:
    """Return the item that an edit is in, as it is now, or as it was if it is gone."""
    if edit.section == "order":
        return {}
    item: dict[str, Any] = form[edit.section].get(edit.name) or edit.before
    return item


def _decides(rule: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if rule is None else {key: some for key, some in rule.items() if key not in _SAID}
