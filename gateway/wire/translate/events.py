"""Events of a stream between dialects. Parts have keys, and several may be open at once, as calls are in OpenAI's."""

from typing import Literal

from msgspec import Struct

from gateway.domain.usage import Usage
from gateway.wire.translate.hub import Finish, Origin

Kind = Literal["text", "refusal", "thinking", "sealed", "call"]


class Began(Struct, frozen=True):
    """The answer has begun."""

    id: str
    model: str


class Opened(Struct, frozen=True):
    """A part begins."""

    key: int
    kind: Kind
    id: str = ""
    name: str = ""
    data: str = ""
    """What is sealed; ``id`` is as its vendor knows it."""
    origin: Origin = "anthropic"
    """In whose form that is."""
    free: bool = False
    """The call takes text: its pieces are those of an object with it as ``input``."""
    namespace: str = ""


class Piece(Struct, frozen=True):
    """More of a part: of its text, or of the arguments of a call as JSON."""

    key: int
    text: str


class Signed(Struct, frozen=True):
    """The vendor's signature under thinking."""

    key: int
    signature: str
    origin: Origin = "anthropic"
    id: str = ""


class Closed(Struct, frozen=True):
    """A part is whole."""

    key: int


class Counted(Struct, frozen=True):
    """What is used so far."""

    usage: Usage


class Ended(Struct, frozen=True):
    """Why the model stopped; all parts are closed."""

    finish: Finish
    sequence: str | None = None


class Over(Struct, frozen=True):
    """Nothing comes any more."""


Event = Began | Opened | Piece | Signed | Closed | Counted | Ended | Over
