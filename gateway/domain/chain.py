"""The egress's hash chain: one entry a ticket, each bound to the one before it; never content.

Whoever changes, removes, inserts or moves an entry breaks the hash of it or the link of the next. What was cut off at
the end, or forged as a whole, is detected by an anchor outside.
"""

import base64
import hashlib
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, Self, get_args

import orjson

from gateway.domain.label import DataClass

AttemptKind = Literal["primary", "failover", "retry", "hedge", "shadow", "judge", "embedding", "probe"]
"""Why a call is made. Those that the pipeline does not make yet have their word already, so that chains can be read."""
ATTEMPT_KINDS: Final[frozenset[str]] = frozenset(get_args(AttemptKind))

SENT: Final = "sent"
"""Outcome of an entry: the call was sent. Its settlement says whether the vendor answered."""
REFUSED: Final = "refused:"
"""Prefix of the outcome of an entry whose call was not sent; the egress's code follows."""


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One ticket at one egress instance. ``hash`` covers every other field."""

    instance: str
    seq: int
    """1 for the first of an instance."""
    prev: str
    """Hash of the entry before; of the first one :func:`genesis` of its instance."""
    at: int
    target: str
    team: str
    data_class: str
    """The ticket's class."""
    categories: tuple[str, ...]
    found: str
    """The class that the egress itself found in the body; empty if the body was not read."""
    ticket: str
    decision: str
    attempt: str
    attempt_kind: str
    policy: str
    """Hash of the policy that the egress has."""
    body_sha256: str
    size: int
    """Bytes of the body."""
    outcome: str
    exceptions: tuple[str, ...] = ()
    """Ids of the policy exceptions that excused something."""
    observed: bool = False
    """It would have been refused, but its team is only observed."""
    hash: str = ""

    @property
    def sent(self) -> bool:
        """Return whether the body was let out."""
        return self.outcome == SENT

    @property
    def level(self) -> DataClass:
        """Return the higher class of the ticket and the egress; an unknown class counts as the highest."""
        return max(level_of(self.data_class), level_of(self.found) if self.found else DataClass.PUBLIC)

    @property
    def whole(self) -> bool:
        """Return whether the hash is that of the fields."""
        return self.hash == _hash(self)

    def sealed(self, seq: int, prev: str) -> "ChainEntry":
        """Return the entry in its place, with its hash."""
        placed = replace(self, seq=seq, prev=prev)
        return replace(placed, hash=_hash(placed))

    def line(self) -> bytes:
        """Return the entry as one line of JSON, without the line's end."""
        return orjson.dumps(self)

    def receipt(self) -> str:
        """Return the entry as the value of a header."""
        return base64.urlsafe_b64encode(self.line()).rstrip(b"=").decode()

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Rebuild an entry from :meth:`line`.

        Raises:
            ValueError: it is none.
        """
        return cls.of(orjson.loads(line))

    @classmethod
    def of(cls, data: Any) -> Self:
        """Rebuild an entry from its fields as plain JSON data.

        Raises:
            ValueError: they are not those of an entry.
        """
        try:
            lists = {name: data[name] for name in ("categories", "exceptions")}
            entry = cls(**{**data, **{name: tuple(map(str, words)) for name, words in lists.items()}})
        except (KeyError, TypeError) as error:
            raise ValueError(_NONE) from error
        if not all(isinstance(words, list) for words in lists.values()):
            raise ValueError(_NONE)
        if any(type(getattr(entry, field.name)) is not field.type for field in fields(cls) if field.type in _PLAIN):
            raise ValueError(_NONE)
        return entry

    @classmethod
    def from_receipt(cls, header: str) -> Self:
        """Rebuild an entry from :meth:`receipt`.

        Raises:
            ValueError: it is none.
        """
        return cls.read(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))


_NONE: Final = "not an entry of a chain"
_PLAIN: Final = (str, int, bool)


def genesis(instance: str) -> str:
    """Return what the first entry of an instance is linked to."""
    return hashlib.sha256(b"gateway egress chain 1\n" + instance.encode()).hexdigest()


def level_of(word: str) -> DataClass:
    """Return the class of a word; an unknown class counts as the highest."""
    try:
        return DataClass.parse(word)
    except KeyError:
        return DataClass.RESTRICTED


_HASHED: Final = tuple(field.name for field in fields(ChainEntry) if field.name != "hash")


def _hash(entry: ChainEntry) -> str:
    data = {name: getattr(entry, name) for name in _HASHED}
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()
