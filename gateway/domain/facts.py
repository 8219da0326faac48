"""Facts are all that policy may look at: pure data without text, stored so that a decision can be replayed."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.domain.label import Category, DataClass, Label


@dataclass(frozen=True, slots=True)
class Facts:
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
    """Output tokens that the caller asked for at most; 0 if it did not say."""
    choices: int = 1
    hour: int = 0
    weekday: int = 0
    """0 is Monday; both in UTC."""
    budget_left_nanos: int | None = None
    """None: the team has no budget."""
    latency_ms: tuple[tuple[str, int], ...] = ()
    """Recent time to first token by target, sorted; only gathered if the policy orders by latency."""

    def as_json(self) -> dict[str, Any]:
        """Return the facts as plain JSON data, with words for the label."""
        data: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        data["label"] = {
            "data_class": self.label.data_class.word,
            "categories": sorted(self.label.categories),
            "regions": None if self.label.regions is None else sorted(self.label.regions),
        }
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Facts":
        """Rebuild facts from :meth:`as_json`."""
        label = data["label"]
        regions = label["regions"]
        rest = {key: value for key, value in data.items() if key != "label"}
        rest["needs"] = tuple(rest["needs"])
        rest["latency_ms"] = tuple((target, ms) for target, ms in rest["latency_ms"])
        return cls(
            label=Label(
                DataClass.parse(label["data_class"]),
                frozenset(Category(word) for word in label["categories"]),
                None if regions is None else frozenset(regions),
            ),
            **rest,
        )


def canonical(data: Any) -> bytes:
    """Return the one JSON form of plain data: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """Return the first 16 hex digits of the SHA-256: the short name of a policy or of facts."""
    return hashlib.sha256(data).hexdigest()[:16]
