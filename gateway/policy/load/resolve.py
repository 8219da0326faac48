"""A checked document in, canonical data out: each part by its file of :mod:`gateway.policy.canonical`."""

from typing import Any

from gateway.policy.canonical import (
    budgets,
    commitments,
    exceptions,
    floors,
    models,
    rollouts,
    rules,
    targets,
    tasks,
    teams,
)
from gateway.policy.canonical.sensitivity import sensitivity_data
from gateway.policy.document import PolicyDocument
from gateway.policy.document.labelling import SensitivityBlock
from gateway.policy.globs import literal_length
from gateway.policy.snapshot import Model
from gateway.pricing.book import PriceBook


def resolve(document: PolicyDocument, prices: PriceBook) -> dict[str, Any]:
    """Return the data that a snapshot is built from. The document must have been checked."""
    granted = sorted([exceptions.from_document(one) for one in document.exceptions], key=lambda one: one.id)
    promised = [commitments.to_canonical(commitments.from_document(one)) for one in document.commitments]
    return {
        "version": 1,
        "local_networks": sorted(set(document.trust.local_networks if document.trust else ())),
        "targets": {
            one.id: targets.to_canonical(targets.from_document(one, document, prices)) for one in document.targets
        },
        "models": [
            models.to_canonical(one) for one in _ordered([models.from_document(one) for one in document.models])
        ],
        "rollouts": [rollouts.to_canonical(rollouts.from_document(one)) for one in document.rollouts],
        **_payers(document),
        "tasks": [tasks.to_canonical(tasks.from_document(one)) for one in document.tasks],
        "sensitivity": sensitivity_data(document.sensitivity or SensitivityBlock()),
        "floors": [floors.to_canonical(floors.from_document(one)) for one in document.floors],
        "exceptions": [exceptions.to_canonical(one) for one in granted],
        "rules": rules.to_canonical(document.rules),
        **({"commitments": promised} if promised else {}),
    }


def _ordered(found: list[Model]) -> list[Model]:
    """Return exact names by name, then patterns, the most specific first."""
    exact = sorted([one for one in found if not one.is_pattern], key=lambda one: one.name)
    return exact + sorted([one for one in found if one.is_pattern], key=lambda one: -literal_length(one.name))


def _payers(document: PolicyDocument) -> dict[str, Any]:
    block = document.organization
    whole = budgets.Purse("organization") if block is None else budgets.from_document(block, "organization")
    found = [teams.from_document(one, whole, ()) for one in document.teams]
    return {
        "teams": {team.id: teams.to_canonical(team, purses) for team, purses in found},
        **({} if block is None else {"organization": budgets.to_canonical(whole)}),
    }
