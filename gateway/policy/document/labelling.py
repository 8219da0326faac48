"""The ``sensitivity`` and ``trust`` blocks."""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from gateway.domain.sensitivity import Mode
from gateway.policy.block import Block, Count, Flag, Level, Text

DetectorKind = Literal[
    "email",
    "phone",
    "ip_address",
    "credit_card",
    "iban",
    "us_ssn",
    "national_id",
    "passport",
    "secret",
    "medical_record",
    "account_number",
]


class DetectorBlock(Block):
    """How a built-in detector is changed or switched off."""

    kind: DetectorKind
    data_class: Annotated[Level | None, Field(alias="class")] = None
    min_distinct: Count | None = None
    ignore: tuple[Text, ...] = ()
    enabled: Flag = True


class ModeBlock(Block):
    """Whether labels are enforced, for all and by team."""

    default: Mode = "enforce"
    teams: dict[str, Mode] = Field(default_factory=dict)


def _long_mode(value: object) -> object:
    return {"default": value} if isinstance(value, str) else value


class SensitivityBlock(Block):
    """How requests are labelled."""

    mode: Annotated[ModeBlock, BeforeValidator(_long_mode, json_schema_input_type=ModeBlock | Mode)] = ModeBlock()
    detectors: tuple[DetectorBlock, ...] = ()
    on_unscannable: Level = "restricted"
    vendor_opaque: Literal["same_vendor_only"] = "same_vendor_only"
    session: Literal["sticky"] = "sticky"


def _network(value: str) -> str:
    return str(ip_network(value))


class TrustBlock(Block):
    """Which addresses count as ours, beside loopback and private ranges."""

    local_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
