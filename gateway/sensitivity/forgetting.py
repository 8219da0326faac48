"""What is left of a conversation's label once somebody wants a part of it forgotten."""

from collections.abc import Mapping

from msgspec import Struct

from gateway.domain.label import Label
from gateway.sensitivity.origins import PREFIX


class Forgotten(Struct, frozen=True):
    """A key that is to carry less."""

    team: str
    key: str
    decision: str = ""
    """Only what this decision brought; empty: all."""


def without(labels: Mapping[str, Label], forgotten: Forgotten) -> dict[str, Label]:
    """Return what is left of the labels of a key, by kind."""
    if not forgotten.decision:
        return {}
    brought = {kind for kind in map(str, labels) if _decision(kind) == forgotten.decision}
    kinds = {kind.removeprefix(PREFIX).rsplit("|", 2)[0] for kind in brought}
    kept = {_kind(kind) for kind in map(str, labels) if _decision(kind) not in {"", forgotten.decision}}
    return {
        kind: label
        for kind, label in labels.items()
        if kind not in brought and (_bare(kind) not in kinds or _bare(kind) in kept)
    }


def _decision(kind: str) -> str:
    return kind.rsplit("|", 2)[1] if kind.startswith(PREFIX) else ""


def _kind(kind: str) -> str:
    return kind.removeprefix(PREFIX).rsplit("|", 2)[0]


def _bare(kind: str) -> str:
    return kind.partition("\x1f")[0]
