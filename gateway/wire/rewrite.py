"""What policy changes in a request before it is sent to a target: ``params``, and nothing else."""

from typing import Any

from gateway.domain.target import Params
from gateway.wire.body import Tree


def apply_params(tree: Tree, params: Params) -> tuple[Tree, tuple[str, ...]]:
    """Return the body with ``drop``, ``default``, ``set`` and ``clamp`` applied, and the dropped names.

    In that order, so that a set value is clamped too. Objects are merged one level deep by ``set`` and
    ``default``; the caller's other keys in them stay.
    """
    dropped = tuple(name for name in params.drop if name in tree)
    changed = {name: value for name, value in tree.items() if name not in dropped}
    for name, value in params.default.items():
        changed[name] = _merge(value, changed[name]) if name in changed else value
    for name, value in params.set.items():
        changed[name] = _merge(changed.get(name), value)
    for name, limit in _limits(params.clamp):
        present = changed.get(name)
        if isinstance(present, int | float) and not isinstance(present, bool) and present > limit:
            changed[name] = int(limit) if isinstance(present, int) and limit == int(limit) else limit
    return changed, dropped


def _limits(clamp: dict[str, float]) -> list[tuple[str, float]]:
    """Return the clamps; one on ``max_tokens`` holds for its newer name in OpenAI's dialect too."""
    limits = list(clamp.items())
    if "max_tokens" in clamp:
        limits.append(("max_completion_tokens", clamp["max_tokens"]))
    return limits


def _merge(under: Any, over: Any) -> Any:
    """Return ``over``, with the keys of ``under`` that it lacks if both are objects."""
    if isinstance(under, dict) and isinstance(over, dict):
        return {**under, **over}
    return over if over is not None else under
