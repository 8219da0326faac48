"""The rules: one file a kind, all of them listed here."""

from typing import Annotated, Final

from pydantic import Field

from gateway.policy.rules.allow import AllowRule
from gateway.policy.rules.base import Bid, HardRule, OrderingRule, Rule
from gateway.policy.rules.budget import BudgetRule
from gateway.policy.rules.burn_rate import BurnRateRule
from gateway.policy.rules.capability import CapabilityRule
from gateway.policy.rules.clearance import ClearanceRule
from gateway.policy.rules.deny import DenyRule
from gateway.policy.rules.dialect import DialectRule
from gateway.policy.rules.input import InputRule
from gateway.policy.rules.license import LicenseRule
from gateway.policy.rules.max_cost import MaxCostRule
from gateway.policy.rules.prefer import PreferRule
from gateway.policy.rules.quality_floor import QualityFloorRule
from gateway.policy.rules.residency import ResidencyRule

AnyRule = Annotated[
    ClearanceRule
    | LicenseRule
    | ResidencyRule
    | AllowRule
    | DenyRule
    | CapabilityRule
    | QualityFloorRule
    | MaxCostRule
    | BudgetRule
    | BurnRateRule
    | PreferRule,
    Field(discriminator="kind"),
]
"""Every kind that may be listed under ``rules``."""

HARD_ORDER: Final[tuple[type[HardRule], ...]] = (
    ClearanceRule,
    LicenseRule,
    ResidencyRule,
    AllowRule,
    DenyRule,
    DialectRule,
    CapabilityRule,
    InputRule,
    BudgetRule,
    QualityFloorRule,
    MaxCostRule,
)
"""Where several rules drop a target, the first of these is reported: the order of the reasons, then of the contract."""

__all__ = ["HARD_ORDER", "AnyRule", "Bid", "HardRule", "OrderingRule", "Rule"]
