"""How different values are described: short, and never a whole list."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.policy.diff.edits import Edit

_WRITTEN: Final = {"basis_points": "percent", "start": "from", "end": "until"}
_SHOWN: Final = 5
_LONGEST: Final = 60


def describe(edit: Edit) -> str:
    """Return an edit as people read it."""
    if edit.before is None or edit.after is None:
        if not edit.field:
            return f"{_title(edit)} {'removed' if edit.after is None else 'added'}"
        return f"{_title(edit)}: {value(edit.before)} → {value(edit.after)}"
    if isinstance(edit.before, Mapping) and isinstance(edit.after, Mapping):
        return f"{_title(edit)}: {_differing(edit.before, edit.after)}"
    if edit.field == "basis_points":
        return f"{_title(edit)}: {edit.before / 100:g} → {edit.after / 100:g}"
    if edit.section != "order" and isinstance(edit.before, list) and isinstance(edit.after, list):
        return f"{_title(edit)}: {listed(edit.before, edit.after)}"
    return f"{_title(edit)}: {value(edit.before)} → {value(edit.after)}"


def listed(before: list[Any], after: list[Any]) -> str:
    """Return what was added to a list and what was removed."""
    signs = [*(f"-{one}" for one in before if one not in after), *(f"+{one}" for one in after if one not in before)]
    more = f" and {len(signs) - _SHOWN} more" if len(signs) > _SHOWN else ""
    return " ".join(signs[:_SHOWN]) + more


def value(some: Any) -> str:
    """Return a value on one line."""
    if some is None or some in ("", [], {}):
        return "none"
    if isinstance(some, list):
        text = ", ".join(map(str, some))
    else:
        text = some if isinstance(some, str) else orjson.dumps(some).decode()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return ", ".join(f"{key} {value(before.get(key))} → {value(after.get(key))}" for key in keys)


_ITEMS: Final = {
    "commitments": "commitment",
    "custom": "detector",
    "detectors": "detector",
    "exceptions": "exception",
    "floors": "floor for",
    "invariants": "invariant",
    "models": "model",
    "rollouts": "rollout",
    "rules": "rule",
    "targets": "target",
    "tasks": "task",
    "teams": "team",
    "word_lists": "word list",
    "order": "order of",
    "modes": "mode",
}


def _title(edit: Edit) -> str:
    item = _ITEMS.get(edit.section, "")
    name = "default" if edit.section == "modes" and not edit.name else edit.name
    field = ".".join(_WRITTEN.get(word, word) for word in edit.path[2:])
    return " ".join(part for part in (item, name, field) if part)
