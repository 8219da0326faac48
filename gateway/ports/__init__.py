"""What the pipeline needs from the world; adapters are above it and are passed in."""

from gateway.ports.client import ClientStalled, Line, Responder
from gateway.ports.clock import Clock
from gateway.ports.stores import (
    Breakers,
    DeepScan,
    DocumentReader,
    KeyStore,
    Principal,
    SessionLabels,
    SessionsUnavailable,
    Spool,
    StateStore,
)
from gateway.ports.upstream import LoadBoard, Upstream, UpstreamAnswer, UpstreamBroken, UpstreamCall, UpstreamHead

__all__ = [
    "Breakers",
    "ClientStalled",
    "Clock",
    "DeepScan",
    "DocumentReader",
    "KeyStore",
    "Line",
    "LoadBoard",
    "Principal",
    "Responder",
    "SessionLabels",
    "SessionsUnavailable",
    "Spool",
    "StateStore",
    "Upstream",
    "UpstreamAnswer",
    "UpstreamBroken",
    "UpstreamCall",
    "UpstreamHead",
]
