"""The form of a policy file: frozen and closed, so that what is not understood is refused, not skipped."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic import Strict as Exactly

from gateway.domain.label import DataClass


class Block(BaseModel):
    """A block of YAML: unknown keys and wrong types are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


Ident = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$")]
"""A name that goes into headers, reports and metrics."""
Text = Annotated[str, StringConstraints(min_length=1)]
Flag = Annotated[bool, Exactly()]
Count = Annotated[int, Exactly(), Field(gt=0)]
Number = Annotated[float, Exactly()]
Money = Annotated[float, Exactly(), Field(ge=0)]
Positive = Annotated[float, Exactly(), Field(gt=0)]
Chance = Annotated[float, Exactly(), Field(ge=0, le=1)]

Level = Literal["public", "internal", "confidential", "restricted"]
LEVELS: Final[dict[Level, DataClass]] = {
    "public": DataClass.PUBLIC,
    "internal": DataClass.INTERNAL,
    "confidential": DataClass.CONFIDENTIAL,
    "restricted": DataClass.RESTRICTED,
}


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


OneOrMore = Annotated[
    tuple[Text, ...],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=str | tuple[Text, ...]),
]
"""A word, or a list of words."""

BY_MODEL: Final = "*"
"""Value of ``catalog`` for the short form: look the price up by kind and model."""
Substitution = Literal["free", "with_rollout", "never"]
RolloutUnit = Literal["session", "user", "key"]
