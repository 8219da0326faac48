"""What OpenAI's two dialects have in common: pictures and files by URL, effort, tiers of service."""

import re
from typing import Any, Final

from gateway.wire.body import Tree
from gateway.wire.translate.hub import EFFORTS, Media, Thinking, Unsupported
from gateway.wire.translate.typed import text_of

_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*);base64,", re.ASCII)
MARK: Final = {"type": "ephemeral"}
"""What OpenAI's ``prompt_cache_breakpoint`` is in Anthropic's dialect."""


def media_of(url: Any, path: str, kind: Any, *, detail: Any = "", name: str = "", cache: Tree | None = None) -> Media:
    """Return a picture or file from its URL, which may hold its data.

    Raises:
        Unsupported: it is neither.
    """
    where = text_of(url, path)
    head = _DATA_URL.match(where)
    if head is not None:
        return Media(kind, path, head[1] or "", where[head.end() :], name=name, detail=str(detail or ""), cache=cache)
    if where.startswith(("https://", "http://")):
        return Media(kind, path, url=where, name=name, detail=str(detail or ""), cache=cache)
    raise Unsupported(path, "must be a URL, or data:…;base64,…")


def effort_of(effort: Any, path: str) -> Thinking | None:
    """Return how much a model thinks, by OpenAI's word for it.

    Raises:
        Unsupported: it is none of them.
    """
    if effort is None:
        return None
    if effort not in EFFORTS:
        raise Unsupported(path, f"must be one of {', '.join(EFFORTS)}")
    return Thinking(effort, is_off=effort == "none")


def tier_of(tier: Any) -> str:
    """Return the tier of service; ``default`` is what others call the standard one."""
    return "standard" if tier == "default" else tier if isinstance(tier, str) else ""


def tier_for(tier: str) -> Tree:
    """Return the field that says it."""
    return {"service_tier": "default" if tier == "standard" else tier} if tier else {}
