"""Commitments: money promised to vendors."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gateway.domain.money import from_usd
from gateway.policy.canonical.tariffs import nanoseconds
from gateway.pricing.commitment import Commitment

if TYPE_CHECKING:
    from gateway.policy.document.prices import CommitmentBlock


def from_document(block: "CommitmentBlock") -> Commitment:
    """Return the commitment of a block."""
    covers = tuple(sorted(set(block.covers)))
    return Commitment(block.id, from_usd(block.usd), nanoseconds(block.start), nanoseconds(block.to), covers)


def to_canonical(one: Commitment) -> dict[str, Any]:
    """Return plain data."""
    return {**asdict(one), "covers": list(one.covers)}


def from_canonical(item: dict[str, Any]) -> Commitment:
    """Rebuild a commitment from :func:`to_canonical`."""
    return Commitment(**{**item, "covers": tuple(item["covers"])})
