"""The response headers with the decision, and the request headers for an upstream."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from gateway.domain.admission import Window
from gateway.domain.decision import Reason
from gateway.domain.money import usd_text
from gateway.domain.target import Target
from gateway.pipeline.case import Case
from gateway.pipeline.inbound import Inbound
from gateway.wire.dialect import Dialect
from gateway.wire.forwarded import forwarded
from gateway.wire.traceparent import header as traceparent

RawHeaders = list[tuple[bytes, bytes]]

LONGEST_HEADER: Final = 1024
_PASSED_ON_ALWAYS: Final = ("tracestate",)
_PASSED_ON: Final = ("anthropic-version", "anthropic-beta", *_PASSED_ON_ALWAYS)
_PASSED_BACK: Final = frozenset({"content-type", "openai-processing-ms", "x-sandbox"})
_UPSTREAM_IDS: Final = frozenset({"request-id", "x-request-id"})


def decided(case: Case, *, reason: Reason | None = None, rule: str = "") -> RawHeaders:
    """Return the headers that every answer after labelling carries, errors too."""
    decision = case.decision
    return [
        (b"x-gateway-decision-id", case.inbound.id.encode()),
        (b"x-gateway-data-class", case.facts.label.data_class.word.encode()),
        (b"x-gateway-reason", (reason or decision.shown_reason or "").encode()),
        (b"x-gateway-rule", _visible(rule or decision.rule)),
        (b"x-gateway-policy", decision.policy.encode()),
        (b"x-gateway-model", _visible(decision.model)),
    ]


def served(
    case: Case,
    target: Target,
    *,
    reason: Reason | None,
    rule: str,
    dropped: Iterable[str],
    masked: Iterable[tuple[str, int]] = (),
) -> RawHeaders:
    """Return the headers of an answer that a target gave."""
    headers = [*decided(case, reason=reason, rule=rule), *request_ids(case.inbound.id)]
    headers += [(b"x-gateway-target", target.id.encode()), (b"x-gateway-zone", target.zone.encode())]
    names = ", ".join(dropped)
    if names:
        headers.append((b"x-gateway-dropped", _visible(names)))
    counts = ", ".join(f"{kind}={count}" for kind, count in masked)
    if counts:
        headers.append((b"x-gateway-masked", _visible(counts)))
    return headers


def cost_header(nanos: int) -> tuple[bytes, bytes]:
    """Return the header with the cost, where it is known before the body."""
    return b"x-gateway-cost-usd", usd_text(nanos).encode()


def passed_back(upstream: Collection[tuple[str, str]]) -> RawHeaders:
    """Return the upstream's headers that a caller gets: what describes the body, and the ids for support."""
    found = [(name.encode(), value.encode("latin-1")) for name, value in upstream if name in _PASSED_BACK]
    theirs = next((value for name, value in upstream if name in _UPSTREAM_IDS), "")
    return [*found, (b"x-upstream-request-id", theirs.encode("latin-1"))] if theirs else found


def request_ids(decision: str) -> RawHeaders:
    """Return the decision id under the names by which the official SDKs show a request's id."""
    return [(b"x-request-id", decision.encode()), (b"request-id", decision.encode())]


def outgoing(case: Case, span: str, dialect: Dialect, *, closed: bool) -> dict[str, str]:
    """Return the request headers that a target gets; credentials are added by who holds them.

    ``dialect``: the target's. Versions and flags of another one say nothing there.
    """
    headers = {
        "content-type": "application/json",
        "accept": "text/event-stream" if case.shape.stream else "application/json",
        "traceparent": traceparent(case.inbound.trace, span),
    }
    for name in _PASSED_ON if dialect.name == case.inbound.dialect.name else _PASSED_ON_ALWAYS:
        value = case.inbound.headers.get(name)
        if value is not None:
            headers[name] = value
    return forwarded(headers, closed=closed)


def rate_headers(windows: Sequence[Window], inbound: Inbound) -> RawHeaders:
    """Return the headers with a caller's rate limits, under the names that its SDK knows.

    Of several limits of one unit, the one with the least remaining is reported.
    """
    if not windows:
        return []
    least: dict[str, Window] = {}
    for window in sorted(windows, key=lambda one: -one.remaining):
        least[window.unit] = window
    anthropic = inbound.dialect.name == "anthropic.messages"
    found: RawHeaders = []
    for unit, window in least.items():
        reset = f"{window.reset_s:.3f}s"
        if anthropic:
            at = datetime.fromtimestamp(inbound.received_ns / 1e9 + window.reset_s, UTC)
            reset = at.isoformat(timespec="seconds").replace("+00:00", "Z")
        for word, value in (("limit", window.limit), ("remaining", window.remaining), ("reset", reset)):
            name = f"anthropic-ratelimit-{unit}-{word}" if anthropic else f"x-ratelimit-{word}-{unit}"
            found.append((name.encode(), str(value).encode()))
    return found


def _visible(text: str) -> bytes:
    """Return text that is safe in a header: visible ASCII, the rest replaced, and no longer than clients take."""
    shown = text if len(text) <= LONGEST_HEADER else text[: LONGEST_HEADER - 3] + "..."
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(character if " " <= character <= "~" else "?" for character in shown)
    return shown.encode()
