"""Facts are all that policy may look at: pure data without text, stored so that a decision can be replayed."""

import hashlib
from typing import TYPE_CHECKING, Any, Final

import orjson
from msgspec import Struct, structs

from gateway.domain.label import Label, Part, joined
from gateway.domain.price import ServiceTier

if TYPE_CHECKING:
    from gateway.domain.masking import Masks

_ADDED: Final = (
    *("floor", "parts", "sealed", "exceptions", "day", "service_tier", "used", "typical", "pace", "governed"),
    *("images", "fetches"),
)
"""Fields that came later: left out where they are empty, so that older facts keep their bytes and their hash."""

UNBOUNDED: Final = -1
"""Stands for a number that is unknown beforehand."""


class Facts(Struct, frozen=True):
    """One request as policy sees it. ``user``, ``session`` and ``conversation`` are salted hashes or empty."""

    team: str
    key: str
    model: str
    dialect: str
    task: str = "other"
    user: str = ""
    session: str = ""
    conversation: str = ""
    """Hash of the system prompt and the first turn: holds a conversation together where no session id is sent."""
    label: Label = Label()
    stream: bool = False
    has_tools: bool = False
    has_images: bool = False
    needs: tuple[str, ...] = ()
    """Capabilities that the request cannot do without, sorted."""
    input_tokens: int = 0
    """Estimate, for ranking."""
    input_bytes: int = 0
    """Bound: no tokenizer makes more tokens than bytes."""
    max_tokens: int = 0
    """The most output tokens that the caller requested; 0 if it set no limit."""
    choices: int = 1
    hour: int = 0
    weekday: int = 0
    """0 is Monday; both in UTC."""
    budget_left_nanos: int | None = None
    """None: the team has no budget."""
    latency_ms: tuple[tuple[str, int], ...] = ()
    """Recent time to first token by target, sorted; only gathered if the policy orders by latency."""
    floor: Label = Label()
    """The part of the label that no masking lifts: team, key and caller. Only gathered if a target may mask."""
    parts: tuple[Part, ...] = ()
    """What each detector adds to the floor, sorted by kind; likewise."""
    sealed: tuple[str, ...] = ()
    """Vendors whose sealed blocks (signed thinking, encrypted reasoning) the request carries, sorted."""
    exceptions: tuple[str, ...] = ()
    """Ids of the policy's exceptions that hold for the team at this moment, sorted."""
    day: int = 0
    """Days since 1970 in UTC, for prices that hold from a date on; only gathered if the policy has any."""
    service_tier: ServiceTier = ""
    """A vendor's tier of service that the caller requested."""

    used: tuple[tuple[str, int], ...] = ()
    """Name of a budget's limit -> what is spent and held of it, sorted; only if one number is not enough."""
    typical: tuple[tuple[str, int], ...] = ()
    """Target -> output tokens of 99 in 100 such calls, sorted; only gathered for budgets that are not strict."""

    pace: tuple[tuple[str, int], ...] = ()
    """Payer -> thousandths of the pace at which what is left of its budget lasts; only for rules on it."""
    governed: tuple[str, ...] = ()
    """Rules on the pace that were at work before this request, sorted."""
    images: int = 0
    """Pictures: what they are read as is not bound by their bytes."""
    fetches: int = 0
    """How often the vendor may fetch more input by itself: searches by its tools, files; :data:`UNBOUNDED` if no limit
    is declared."""

    def residual(self, masks: "Masks") -> Label:
        """Return the label that is left once all findings that may be are masked."""
        return joined((part for part in self.parts if not masks.cover(part.kind)), self.floor)

    def as_json(self) -> dict[str, Any]:
        """Return the facts as plain JSON data, with words for the label."""
        data: dict[str, Any] = structs.asdict(self)
        data["label"] = self.label.as_json()
        if self.parts:
            data["floor"] = self.floor.as_json()
            data["parts"] = [[part.kind, part.label.as_json()] for part in self.parts]
        else:
            data["floor"] = None
        for name in _ADDED:
            if not data[name]:
                del data[name]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Facts":
        """Rebuild facts from :meth:`as_json`."""
        rest = dict(data)
        rest["label"] = Label.from_json(data["label"])
        rest["needs"] = tuple(data["needs"])
        rest["latency_ms"] = tuple((target, ms) for target, ms in data["latency_ms"])
        if "parts" in data:
            rest["floor"] = Label.from_json(data["floor"])
            rest["parts"] = tuple(Part(kind, Label.from_json(label)) for kind, label in data["parts"])
        for name in ("sealed", "exceptions", "governed"):
            rest[name] = tuple(data.get(name, ()))
        for name in ("used", "typical", "pace"):
            rest[name] = tuple((key, value) for key, value in data.get(name, ()))
        return cls(**rest)


def canonical(data: Any) -> bytes:
    """Return the one JSON form of plain data: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """Return the first 16 hex digits of the SHA-256: the short name of a policy or of facts."""
    return hashlib.sha256(data).hexdigest()[:16]
