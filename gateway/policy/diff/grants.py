"""Named permissions (exceptions, masks, contracts, networks), and invariants."""

from datetime import UTC, datetime
from ipaddress import collapse_addresses, ip_network
from typing import Any, Final

from gateway.policy.diff.change import Effect, Kind
from gateway.policy.diff.directions import (
    Direction,
    greater_widens,
    higher_widens,
    less_widens,
    more_widens,
    none_is_all,
)
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.words import describe, listed

_OURS: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7")
_EXCEPTION: Final[dict[str, Direction]] = {
    "teams": more_widens,
    "targets": more_widens,
    "detectors": more_widens,
    "values": none_is_all(more_widens, whole=Kind.WIDENS),
    "categories": more_widens,
    "max": higher_widens,
    "start": less_widens,
    "end": greater_widens,
}


def exception(edit: Edit) -> list[Effect]:
    """Judge an exception: to whom, what, and until when."""
    item = edit.before if edit.after is None else edit.after
    if not edit.field:
        kind = Kind.NARROWS if edit.after is None else Kind.WIDENS
        return [
            Effect(kind, f"{describe(edit)}, {_term(item)}", tuple(item["teams"]), _leave(item), tuple(item["targets"]))
        ]
    kinds = _EXCEPTION[edit.field](edit.before, edit.after) if edit.field in _EXCEPTION else (Kind.MOVES,)
    return [Effect(kind, _what(edit)) for kind in kinds]


def of_exception(effect: Effect, item: dict[str, Any]) -> Effect:
    """Return the effect of an edit inside an exception, with whom and what the exception is about."""
    return Effect(effect.kind, effect.what, tuple(item["teams"]), _leave(item), tuple(item["targets"]))


def mask(edit: Edit) -> list[Effect]:
    """Judge which findings may go out as placeholders, with the rest of their text."""
    return [
        Effect(kind, describe(edit), label="masked text", targets=(edit.name,))
        for kind in more_widens(edit.before, edit.after)
    ]


def mask_all(edit: Edit) -> list[Effect]:
    """Judge whether findings of every kind may go out as placeholders for a team."""
    kind = Kind.WIDENS if edit.after else Kind.NARROWS
    return [Effect(kind, describe(edit), (edit.name,), "masked text")]


def contract(edit: Edit) -> list[Effect]:
    """Judge a vendor's contracts: each is a permission to send."""
    kinds = more_widens(edit.before, edit.after)
    return [Effect(kind, describe(edit), targets=(edit.name,)) for kind in kinds]


def networks(edit: Edit) -> list[Effect]:
    """Judge which addresses count as ours: a local target there may see everything that it is cleared for."""
    before, after = _covered(edit.before), _covered(edit.after)
    kinds = [Kind.WIDENS] if not _within(after, before) else []
    kinds += [Kind.NARROWS] if not _within(before, after) else []
    what = f"trust.local_networks: {listed(edit.before, edit.after)}"
    return [Effect(kind, what, label="every class", targets=("(local)",)) for kind in kinds]


def guard(edit: Edit) -> list[Effect]:
    """Judge an invariant: without it nothing is let out yet, but nothing proves any more that it is not."""
    if edit.before is None:
        return [Effect(Kind.NARROWS, f"guard added: {edit.name}")]
    if edit.after is None:
        return [Effect(Kind.WIDENS, f"guard removed: {edit.name}")]
    stronger = _stronger(edit.before, edit.after)
    word = "strengthened" if stronger else "changed, perhaps weakened"
    return [Effect(Kind.NARROWS if stronger else Kind.WIDENS, f"guard {word}: {edit.name}")]


def _stronger(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Return whether an invariant says all that it said: of as many requests, about as many places."""
    if not _wider(before["for"], after["for"]):
        return False
    if after["unless"] is not None and after["unless"] != before["unless"]:
        return False
    if before["never"] is not None and after["never"] is not None:
        return _wider(before["never"], after["never"])
    return before["always"] is not None and after["always"] is not None and _wider(after["always"], before["always"])


def _wider(less: dict[str, Any], more: dict[str, Any]) -> bool:
    """Return whether each list of globs holds at least what it held; none is everything."""
    return all(globs is None or (less[key] is not None and set(less[key]) <= set(globs)) for key, globs in more.items())


def _covered(names: list[str]) -> Any:
    nets = [ip_network(name) for name in (*names, *_OURS)]
    return [
        *collapse_addresses(net for net in nets if net.version == 4),  # noqa: PLR2004 -- IPv4
        *collapse_addresses(net for net in nets if net.version == 6),  # noqa: PLR2004 -- IPv6
    ]


def _within(inner: Any, outer: Any) -> bool:
    return all(any(net.version == of.version and net.subnet_of(of) for of in outer) for net in inner)


def _what(edit: Edit) -> str:
    if edit.field in {"start", "end"}:
        word = "from" if edit.field == "start" else "until"
        return f"exception {edit.name} {word}: {_moment(edit.before)} → {_moment(edit.after)}"
    if edit.field == "values":
        return f"exception {edit.name} values: {len(edit.before) or 'every'} → {len(edit.after) or 'every'}"
    return describe(edit)


def _term(item: dict[str, Any]) -> str:
    return f"until {_moment(item['end'])}"


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _leave(item: dict[str, Any]) -> str:
    if item["detectors"]:
        return f"findings of {', '.join(item['detectors'])}"
    categories = f" ({', '.join(item['categories'])})" if item["categories"] else ""
    return f"up to {item['max']}{categories}"
