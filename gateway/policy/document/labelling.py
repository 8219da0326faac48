"""The ``sensitivity`` and ``trust`` blocks."""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from gateway.domain.label import Category
from gateway.domain.sensitivity import Mode, Validator
from gateway.patterns.written import problem_of
from gateway.policy.block import Block, Count, Flag, Ident, Level, Text

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


class LikelyBlock(Block):
    """How findings count that a detector is not sure of: by a model, a bare shape, a published test value."""

    data_class: Annotated[Level, Field(alias="class")]


class DetectorBlock(Block):
    """How a built-in detector is changed or switched off."""

    kind: DetectorKind
    data_class: Annotated[Level | None, Field(alias="class")] = None
    min_distinct: Count | None = None
    ignore: tuple[Text, ...] = ()
    enabled: Flag = True
    likely: LikelyBlock | None = None


def _linear(pattern: str) -> str:
    problem = problem_of(pattern)
    if problem is not None:
        raise ValueError(": ".join(problem))
    return pattern


class CustomBlock(Block):
    """A detector of your own: a pattern in the syntax of RE2, with words that must be near it and a checksum."""

    kind: Literal["custom"]
    id: Ident
    pattern: Annotated[Text, AfterValidator(_linear)]
    data_class: Annotated[Level, Field(alias="class")]
    categories: tuple[Category, ...] = ()
    context: tuple[Text, ...] = ()
    within: Count = 40
    validator: Validator = "none"
    min_distinct: Count = 1
    ignore: tuple[Text, ...] = ()


def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if not any(map(str.isalnum, word)):
            raise ValueError(f"`{word}` has no letter or digit: write a word or a name")
    return words


class WordListBlock(Block):
    """Words and names that raise a label wherever they occur as whole words."""

    id: Ident
    data_class: Annotated[Level, Field(alias="class")]
    categories: tuple[Category, ...] = ()
    words: Annotated[tuple[Text, ...], Field(min_length=1), AfterValidator(_words)]
    case_sensitive: Flag = False


class ModeBlock(Block):
    """Whether labels are enforced, for all and by team."""

    default: Mode = "enforce"
    teams: dict[str, Mode] = Field(default_factory=dict)


def _long_mode(value: object) -> object:
    return {"default": value} if isinstance(value, str) else value


class UnscannableBlock(Block):
    """The class of each kind of content that cannot be read; a kind that is left out keeps the class that it has."""

    image: Level | None = None
    audio: Level | None = None
    pdf: Level | None = None
    file: Level | None = None
    unknown: Level | None = None


class SensitivityBlock(Block):
    """How requests are labelled."""

    mode: Annotated[ModeBlock, BeforeValidator(_long_mode, json_schema_input_type=ModeBlock | Mode)] = ModeBlock()
    detectors: tuple[Annotated[DetectorBlock | CustomBlock, Field(discriminator="kind")], ...] = ()
    word_lists: tuple[WordListBlock, ...] = ()
    on_unscannable: Level | UnscannableBlock = "restricted"
    vendor_opaque: Literal["same_vendor_only", "known_only"] = "same_vendor_only"
    session: Literal["sticky"] = "sticky"


def _network(value: str) -> str:
    return str(ip_network(value))


class TrustBlock(Block):
    """Which addresses count as ours, beside loopback and private ranges."""

    local_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
