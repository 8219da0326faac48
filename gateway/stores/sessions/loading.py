"""Takes over what earlier processes journalled of conversations."""

from math import inf
from typing import Final

from gateway.domain.label import Label
from gateway.stores.sessions.entries import Entries, SessionEntry
from gateway.stores.sessions.journal import Kept

KEPT_S: Final = 24 * 3600
"""After its last use."""
SLACK_S: Final = 3600
"""Uses are journalled at most once in this time, and so a restart may keep an entry this much longer, never shorter."""


def loaded(kept: Kept, wall: float, now: float) -> tuple[dict[str, Entries], float]:
    """Return what is left of a journal by team, and until when (monotonic) labels may be missing.

    ``wall``: UTC seconds; ``now``: the same moment on the monotonic clock.
    """
    teams: dict[str, Entries] = {}
    for line in kept.lines:
        left = min(line.ends - wall, KEPT_S + SLACK_S)
        if left <= 0:
            continue
        # As old as its line: its next use is journalled, if the line would not outlive that by a day.
        entry = SessionEntry(now + left, now + left - KEPT_S - SLACK_S, vendor=line.vendor)
        entries = teams.setdefault(line.team, Entries())
        labels = dict(line.labels)
        for kind, label in ({} if (known := entries.get(line.key)) is None else known.labels).items():
            labels[kind] = label.join(labels.get(kind, Label()))
        entries.put(line.key, entry.labelled(labels))
    for entries in teams.values():
        entries.sort()
    left = KEPT_S if kept.damaged else kept.lost_until - wall
    return teams, now + min(left, KEPT_S) if left > 0 else -inf
