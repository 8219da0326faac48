"""What callers say was found wrongly, by team, each with the exception that would excuse it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.domain.records import Action
from gateway.domain.time_text import utc

_DAYS: Final = 30
_NS: Final = 1_000_000_000


def rows(disputes: Iterable[Action], now_s: int, *, team: str = "") -> list[dict[str, Any]]:
    """Return a row a disputed decision, the newest first; ``team``: only its own."""
    found: dict[str, dict[str, Any]] = {}
    for one in sorted(disputes, key=lambda one: one.at):
        said = one.after or {}
        if team and said.get("team") != team:
            continue
        findings = said.get("findings", [])
        kinds = sorted({_kind(place["detector"]) for place in findings})
        found[one.subject] = {
            "decision": one.subject,
            "time": utc(one.at // _NS),
            "team": said.get("team", ""),
            "key": one.actor,
            "findings": findings,
            "proposal": proposal(one.subject, str(said.get("team", "")), kinds, now_s),
        }
    return list(found.values())[::-1]


def proposal(decision: str, team: str, kinds: list[str], now_s: int) -> str:
    """Return the exception, as YAML, that would excuse findings of these kinds; its values are to be filled in.

    Without values it would excuse all findings of the kind, so it is proposed with a value that is none.
    """
    start = datetime.fromtimestamp(now_s, UTC).date()
    salt = decision[-4:].lower()
    return (
        f"  - id: disputed-{decision[-8:].lower()}\n"
        f"    owner: # who answers for it\n"
        f"    reason: disputed in {decision}\n"
        f"    teams: [{team}]\n"
        f"    from: {start}\n"
        f"    until: {start + timedelta(days=_DAYS)}\n"
        f"    detectors: [{', '.join(kinds)}]\n"
        f'    values: ["…"]  # of each value: printf %s VALUE | gateway sensitivity hash --salt {salt}\n'
    )


def _kind(detector: str) -> str:
    kind, _, name = detector.partition(":")
    return detector if kind in {"custom", "word_list"} and name else kind
