"""Labels of conversations in process, with a journal so that a restart forgets none of them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Final, TextIO

import orjson

from gateway.domain.label import Label, Part
from gateway.ports import Clock, SessionsUnavailable

KEPT_S: Final = 24 * 3600
"""After its last use."""
SLACK_S: Final = 3600
"""Uses are journalled at most once in this time, and so a restart may keep an entry this much longer, never shorter."""
MOST_KEYS: Final = 200_000
"""A team; beyond it no conversation of the team can be told from a tainted one until some have ended."""
SWEEP_EVERY_S: Final = 60.0
SPARE_LINES: Final = 10_000
"""So many lines beyond two an entry the journal may grow before it is written anew."""
_SEALS: Final = "\x1fseals:"
"""Before a team's name: its sealed blocks, which fill no room of its conversations."""


@dataclass(slots=True)
class _Entry:
    ends: float
    """On the monotonic clock, which nobody can set."""
    journalled: float
    labels: dict[str, Label] = field(default_factory=dict)
    vendor: str = ""


class MemorySessions:
    """Session labels of one process."""

    def __init__(self, clock: Clock, journal: Path | None = None, *, most: int = MOST_KEYS) -> None:
        """Start with what the journal holds.

        Raises:
            OSError: the journal can be neither read nor written.
        """
        self._clock = clock
        self._most = most
        self._teams: dict[str, dict[str, _Entry]] = {}
        self._swept = clock.monotonic()
        self._path = journal
        self._journal: TextIO | None = None
        self._torn = False
        self._lines = 0
        if journal is not None:
            self._load(journal)
            self._journal = self._rewrite(journal)

    async def begin(self, *, fresh: bool) -> None:
        """The journal was read."""

    async def covers(self, team: str, earlier: str | None, now: str, *, keep: bool) -> bool:  # noqa: ARG002 -- port
        """Nothing is lost but with the journal, and that is the ledger's place too."""
        return True

    async def find(self, team: str, keys: Sequence[str]) -> tuple[Part, ...]:
        """Return what any of the keys carried, one part a kind, sorted; this is a use.

        Raises:
            SessionsUnavailable: the team has more conversations than are kept.
        """
        now = self._clock.monotonic()
        self._check_room(team, now)
        entries = self._teams.get(team, {})
        labels: dict[str, Label] = {}
        for key in keys:
            entry = entries.get(key)
            if entry is None or entry.ends <= now:
                continue
            self._use(team, key, entry, now)
            for kind, label in entry.labels.items():
                labels[kind] = label.join(labels.get(kind, Label()))
        return tuple(Part(kind, labels[kind]) for kind in sorted(labels))

    async def add(self, team: str, keys: Sequence[str], parts: Sequence[Part]) -> None:
        """Add parts to each of the keys; they are in the journal on return.

        Raises:
            SessionsUnavailable: the journal cannot be written, or the team has more conversations than are kept.
        """
        now = self._clock.monotonic()
        for key in keys:
            entry = self._entry(team, key, now)
            before = dict(entry.labels)
            for part in parts:
                entry.labels[part.kind] = part.label.join(entry.labels.get(part.kind, Label()))
            if entry.labels != before or entry.journalled == -inf:
                self._write(team, key, entry, now)
        self._check_room(team, now)

    async def sealed_by(self, team: str, digests: Sequence[str]) -> Mapping[str, str]:
        """Return digest → vendor for those sealed blocks whose vendor is known."""
        now, entries = self._clock.monotonic(), self._teams.get(_SEALS + team, {})
        found: dict[str, str] = {}
        for digest in digests:
            entry = entries.get(digest)
            if entry is not None and entry.ends > now:
                self._use(_SEALS + team, digest, entry, now)
                found[digest] = entry.vendor
        return found

    async def seal(self, team: str, digests: Sequence[str], vendor: str) -> None:
        """Remember which vendor issued sealed blocks.

        Raises:
            SessionsUnavailable: the journal cannot be written.
        """
        now = self._clock.monotonic()
        for digest in digests:
            entry = self._entry(_SEALS + team, digest, now)
            if entry.vendor != vendor:
                entry.vendor = vendor
                self._write(_SEALS + team, digest, entry, now)
        seals = self._teams.get(_SEALS + team, {})
        while len(seals) > self._most:  # one that is forgotten cannot be read, and counts so
            del seals[next(iter(seals))]

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()

    def _entry(self, team: str, key: str, now: float) -> _Entry:
        self._sweep(now)
        entries = self._teams.setdefault(team, {})
        entry = entries.get(key)
        if entry is None or entry.ends <= now:
            entry = entries[key] = _Entry(now + KEPT_S, now)
        entry.ends = now + KEPT_S
        return entry

    def _use(self, team: str, key: str, entry: _Entry, now: float) -> None:
        entry.ends = now + KEPT_S
        if now - entry.journalled >= SLACK_S:
            self._write(team, key, entry, now)

    def _check_room(self, team: str, now: float) -> None:
        self._sweep(now)
        if len(self._teams.get(team, ())) > self._most:
            raise SessionsUnavailable("the team has more conversations than are kept")

    def _sweep(self, now: float) -> None:
        if now - self._swept < SWEEP_EVERY_S:
            return
        self._swept = now
        for team, entries in self._teams.items():
            self._teams[team] = {key: entry for key, entry in entries.items() if entry.ends > now}
        self._compact()

    def _compact(self) -> None:
        """Write the journal anew once most of its lines are outdated; one that cannot be stays as it is."""
        live = sum(map(len, self._teams.values()))
        if self._path is None or self._journal is None or self._lines <= 2 * live + SPARE_LINES:
            return
        with suppress(OSError):
            fresh = self._rewrite(self._path)
            self._journal.close()
            self._journal, self._torn = fresh, False

    def _write(self, team: str, key: str, entry: _Entry, now: float) -> None:
        entry.journalled = now
        if self._journal is None:
            return
        line = self._line(team, key, entry, SLACK_S)
        try:
            self._journal.write("\n" + line if self._torn else line)
            self._journal.flush()
            self._torn = False
            self._lines += 1
        except (OSError, ValueError) as error:
            self._torn, entry.journalled = True, -inf  # its next use writes it again, on a line of its own
            raise SessionsUnavailable("the journal of session labels cannot be written") from error

    def _line(self, team: str, key: str, entry: _Entry, slack: float) -> str:
        ends_in = entry.ends - self._clock.monotonic() + slack
        data = {
            "team": team,
            "key": key,
            "ends": int(self._clock.wall_ns() / 1e9 + ends_in),
            "labels": {kind: label.as_json() for kind, label in entry.labels.items()},
            "vendor": entry.vendor,
        }
        return orjson.dumps(data).decode() + "\n"

    def _load(self, journal: Path) -> None:
        """Read what is left of earlier processes; a line that was cut by a crash ends the file."""
        if not journal.exists():
            return
        wall, now = self._clock.wall_ns() / 1e9, self._clock.monotonic()
        for line in journal.read_bytes().splitlines():
            try:
                data = orjson.loads(line)
                left = min(float(data["ends"]) - wall, KEPT_S + SLACK_S)
                labels = {kind: Label.from_json(label) for kind, label in data["labels"].items()}
                entry = _Entry(now + left, now, labels, data["vendor"])
                team, key = data["team"], data["key"]
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
            if left > 0:
                self._teams.setdefault(team, {})[key] = entry

    def _rewrite(self, journal: Path) -> TextIO:
        """Write what still holds into a fresh journal and open it for more."""
        draft = journal.with_name(journal.name + ".new")
        with draft.open("w", encoding="utf-8") as file:
            draft.chmod(0o600)
            for team, entries in self._teams.items():
                file.writelines(self._line(team, key, entry, 0) for key, entry in entries.items())
        draft.replace(journal)
        self._lines = sum(map(len, self._teams.values()))
        return journal.open("a", encoding="utf-8")
