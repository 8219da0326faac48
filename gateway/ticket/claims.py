"""What a ticket says, how it is signed and how it is checked. Time and used ids are arguments."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import orjson

from gateway.domain.chain import ATTEMPT_KINDS, AttemptKind
from gateway.domain.label import Category, DataClass, Label

LIFETIME_S: Final = 30
"""The longest that a ticket may be valid."""

FORWARDED_HEADERS: Final = (
    "accept",
    "anthropic-beta",
    "anthropic-version",
    "content-type",
    "tracestate",
    "traceparent",
)
"""The only request headers that reach a vendor, beside those that the egress sets itself."""

RefusalCode = Literal[
    "missing", "malformed", "unknown_key", "bad_signature", "stale", "wrong_audience", "altered", "replayed"
]


class TicketRefused(Exception):
    """A ticket does not permit the request; ``code`` says why, for the edge and the log.

    ``claims`` are there if the ticket is signed by us: then it is one of the edge's, used for something else.
    """

    def __init__(self, code: RefusalCode, claims: "Claims | None" = None) -> None:
        super().__init__(code)
        self.code = code
        self.claims = claims


@dataclass(frozen=True, slots=True)
class TicketKey:
    """A signing key and its id; two are valid during a rotation."""

    id: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything that a ticket binds."""

    jti: str
    decision: str
    attempt: str
    target: str
    label: Label
    policy: str
    method: str
    path: str
    body_sha256: str
    headers_sha256: str
    audience: str
    expires: float
    """Unix time in seconds."""
    team: str = ""
    kind: AttemptKind = "primary"
    exceptions: tuple[str, ...] = ()
    """Ids of the policy exceptions under which the label was made."""
    masked: bool = False
    """The body is a masked copy: of what the target has masked, not one value may be left in it."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is about to be sent, as the egress sees it."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]


def body_hash(body: bytes) -> str:
    """Return the SHA-256 of a body in hex."""
    return hashlib.sha256(body).hexdigest()


def headers_hash(headers: Mapping[str, str]) -> str:
    """Return the SHA-256 over the forwarded headers, sorted; others do not count."""
    lines = [f"{name}:{headers[name]}" for name in sorted(FORWARDED_HEADERS) if name in headers]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def sign(claims: Claims, key: TicketKey) -> str:
    """Return the ticket: key id, claims and HMAC-SHA256, base64url, joined by dots."""
    label = claims.label
    data = {name: getattr(claims, name) for name in claims.__slots__ if name != "label"}
    if not claims.masked:  # an egress of an older release does not know it
        del data["masked"]
    data["label"] = [
        int(label.data_class),
        sorted(label.categories),
        None if label.regions is None else sorted(label.regions),
    ]
    payload = _b64(orjson.dumps(data))
    return f"{key.id}.{payload}.{_b64(_mac(key, payload))}"


def verify(ticket: str | None, keys: Sequence[TicketKey], sending: Sending, audience: str, now: float) -> Claims:
    """Return the claims of a ticket that is good for this sending, at this instance, now.

    Single use is the caller's to hold: only it knows which ids were seen.

    Raises:
        TicketRefused: with the first thing that is wrong.
    """
    if not ticket:
        raise TicketRefused("missing")
    parts = ticket.split(".")
    if len(parts) != 3:  # noqa: PLR2004 -- key id, claims, signature
        raise TicketRefused("malformed")
    key_id, payload, signature = parts
    key = next((key for key in keys if key.id == key_id), None)
    if key is None:
        raise TicketRefused("unknown_key")
    if not hmac.compare_digest(_b64(_mac(key, payload)).encode(), signature.encode()):
        raise TicketRefused("bad_signature")
    claims = _claims(payload)
    if claims.audience != audience:
        raise TicketRefused("wrong_audience", claims)
    if not now < claims.expires <= now + LIFETIME_S + 1:
        raise TicketRefused("stale", claims)
    bound = (claims.method, claims.path, claims.body_sha256, claims.headers_sha256)
    if bound != (sending.method, sending.path, body_hash(sending.body), headers_hash(sending.headers)):
        raise TicketRefused("altered", claims)
    return claims


def _claims(payload: str) -> Claims:
    try:
        data = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        level, categories, regions = data.pop("label")
        label = Label(
            DataClass(level),
            frozenset(Category(word) for word in categories),
            None if regions is None else frozenset(regions),
        )
        if data["kind"] not in ATTEMPT_KINDS:
            raise TicketRefused("malformed")
        data["kind"] = cast("AttemptKind", data["kind"])
        data["masked"] = data.get("masked") is True
        data["exceptions"] = tuple(map(str, data["exceptions"]))
        return Claims(label=label, **data)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise TicketRefused("malformed") from error


def _mac(key: TicketKey, payload: str) -> bytes:
    return hmac.digest(key.secret, f"{key.id}.{payload}".encode(), "sha256")


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
