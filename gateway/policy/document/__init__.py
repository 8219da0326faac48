"""A policy file as written: pydantic models, one for each block, and the whole."""

from typing import Literal

from gateway.policy.block import Block
from gateway.policy.document.budgets import OrganizationBlock
from gateway.policy.document.callers import FloorBlock, ModelBlock, RolloutBlock, TaskBlock, TeamBlock
from gateway.policy.document.checks import Case, Invariant
from gateway.policy.document.exceptions import ExceptionBlock
from gateway.policy.document.labelling import SensitivityBlock, TrustBlock
from gateway.policy.document.prices import CommitmentBlock, DatedPriceBlock
from gateway.policy.document.targets import TargetBlock
from gateway.policy.rules import AnyRule


class PolicyDocument(Block):
    """A policy of the hybrid routing gateway. All keys may be in one file or spread over several."""

    version: Literal[1] | None = None
    trust: TrustBlock | None = None
    organization: OrganizationBlock | None = None
    targets: tuple[TargetBlock, ...] = ()
    prices: tuple[DatedPriceBlock, ...] = ()
    commitments: tuple[CommitmentBlock, ...] = ()
    models: tuple[ModelBlock, ...] = ()
    rollouts: tuple[RolloutBlock, ...] = ()
    teams: tuple[TeamBlock, ...] = ()
    tasks: tuple[TaskBlock, ...] = ()
    sensitivity: SensitivityBlock | None = None
    floors: tuple[FloorBlock, ...] = ()
    exceptions: tuple[ExceptionBlock, ...] = ()
    rules: tuple[AnyRule, ...] = ()
    cases: tuple[Case, ...] = ()
    invariants: tuple[Invariant, ...] = ()
