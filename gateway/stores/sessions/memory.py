"""Labels of conversations in process, with a journal so that a restart forgets none of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from math import inf
from pathlib import Path
from typing import Final

from anyio.lowlevel import checkpoint

from gateway.domain.label import Label, Part
from gateway.ports import Clock, SessionsUnavailable
from gateway.sensitivity.forgetting import Forgotten, without
from gateway.stores.sessions.entries import Entries, SessionEntry
from gateway.stores.sessions.journal import Journal, Line, forgot, lost, read
from gateway.stores.sessions.loading import KEPT_S, SLACK_S, loaded
from gateway.stores.sessions.plain import Plain

MOST_KEYS: Final = 200_000
"""Per team; above it every conversation of the team counts as tainted until some have ended."""
SLICE: Final = 100
"""So many entries are looked at or written at once; between two slices the event loop serves others."""
SPARE_LINES: Final = 10_000
"""So many lines beyond two an entry the journal may grow before it is written anew."""
_NONE: Final = Entries()
"""Of a team that has none; never added to."""
DISK_S: Final = 1.0
"""A use waits so long for the disk; then the conversation counts as tainted."""
_UNWRITTEN: Final = "the journal of session labels cannot be written"
_SEALS: Final = "\x1fseals:"
"""Before a team's name: its sealed blocks, which fill no room of its conversations."""


class MemorySessions:
    """Session labels of one process."""

    remote = False

    def __init__(self, clock: Clock, journal: Path | None = None, *, most: int = MOST_KEYS) -> None:
        """Start with what the journal holds.

        Raises:
            OSError: the journal can be neither read nor written.
        """
        self._clock = clock
        self._most = most
        self._teams: dict[str, Entries] = {}
        self._plain = Plain()
        self._lost_until = -inf
        """Until then (monotonic clock) a conversation may have more labels than are known here."""
        self._begun: dict[tuple[str, str], None] = {}
        """Requests that certainly began after the loss, the oldest first."""
        self._missing = journal is not None and not journal.exists()
        self._journal: Journal | None = None
        if journal is not None:
            if not self._missing:
                wall, now = clock.wall_ns() / 1e9, clock.monotonic()
                self._teams, self._lost_until = loaded(read(journal), wall, now)
            self._journal = Journal(journal, (line for lines in self._slices() for line in lines))

    async def begin(self, *, fresh: bool) -> None:
        """Take note of a journal that is gone although there were conversations.

        Raises:
            SessionsUnavailable: the journal cannot be written.
        """
        if self._missing and not fresh:
            self._lost_until = self._clock.monotonic() + KEPT_S
            self._append([lost(self._wall(self._lost_until))])
            await self._synced()
        self._missing = False

    async def covers(self, team: str, earlier: str | None, now: str, *, keep: bool) -> bool:
        """Return whether the stored labels of a conversation are complete.

        They are if the journal lost nothing, or if the conversation began after the loss.
        A journal loses only what it cannot show: a file that is gone, or lines that cannot be read. A label that was
        never written belongs to a call that was never sent (:meth:`add`).
        """
        if self._clock.monotonic() >= self._lost_until:
            return True
        if earlier is None or (earlier and (team, earlier) not in self._begun):
            return False
        if now and keep:
            self._begun[team, now] = None
            if len(self._begun) > self._most:
                del self._begun[next(iter(self._begun))]
        return True

    async def find(self, team: str, keys: Sequence[str]) -> list[tuple[Part, ...] | None]:
        """Return what is kept under each key; this counts as a use. None: nothing is known of it.

        Raises:
            SessionsUnavailable: the journal cannot be written, or the team has more conversations than can be stored.
        """
        if team in self._teams:
            self._check_room(team)
            await self._use(team, keys)
        # After the last wait: what another request has added by then is found.
        entries, now = self._teams.get(team, _NONE), self._clock.monotonic()
        held = [entries.carried(key, now) for key in keys]
        return [self._plain.of(key) if parts is None else parts for key, parts in zip(keys, held, strict=True)]

    async def add(self, team: str, keys: Sequence[str], parts: Sequence[Part]) -> None:
        """Add parts to each of the keys, or note that they carry nothing; they are on the disk on return.

        Raises:
            SessionsUnavailable: the journal cannot be written, or the team has more conversations than can be stored.
        """
        changed: list[str] = []
        for key in keys:
            entry = self._used(team, key)
            labels = dict(entry.labels)
            for part in parts:
                labels[part.kind] = part.label.join(labels.get(part.kind, Label()))
            if labels != entry.labels or self._clock.monotonic() - entry.journalled >= SLACK_S:
                self._teams[team].change(key, entry.labelled(labels)._replace(journalled=-inf))
                changed.append(key)
        await self._write(team, changed)
        self._check_room(team)

    async def forget(self, forgotten: Forgotten) -> None:
        """Forget parts of what a key carries, or all of it; on return that is on the disk.

        Raises:
            SessionsUnavailable: the journal cannot be written.
        """
        team, key = forgotten.team, forgotten.key
        entries = self._teams.get(team, _NONE)
        entry = entries.get(key)
        if entry is None:
            return
        rest = without(entry.labels, forgotten)
        if rest:
            entries.change(key, entry.labelled(rest)._replace(journalled=-inf))
        else:
            entries.drop(key)
        self._append([forgot(team, key)])
        await self._write(team, [key])

    def plain(self, keys: Sequence[str]) -> None:
        """Note in this process, for as long as there is room, that keys carry nothing."""
        self._plain.note(keys)

    def doubt(self, keys: Sequence[str]) -> None:
        """Take that back: whatever becomes of what is added to them next, they may carry something."""
        self._plain.forget(keys)

    async def sealed_by(self, team: str, digests: Sequence[str]) -> Mapping[str, str]:
        """Return digest → vendor for those sealed blocks whose vendor is known.

        Raises:
            SessionsUnavailable: the journal cannot be written.
        """
        await self._use(_SEALS + team, digests)
        now, entries = self._clock.monotonic(), self._teams.get(_SEALS + team, _NONE)
        found = [(digest, entries.get(digest)) for digest in digests]
        return {digest: entry.vendor for digest, entry in found if entry is not None and entry.ends > now}

    async def seal(self, team: str, digests: Sequence[str], vendor: str) -> None:
        """Remember which vendor issued sealed blocks; it is on the disk on return.

        Raises:
            SessionsUnavailable: the journal cannot be written.
        """
        changed: list[str] = []
        seals = self._of(_SEALS + team)
        for digest in digests:
            if (
                seals.get(digest) is None and len(seals) >= self._most
            ):  # one that is forgotten cannot be read, and counts so
                seals.drop_oldest()
            entry = self._used(_SEALS + team, digest)
            if entry.vendor != vendor or entry.journalled == -inf:
                seals.change(digest, entry._replace(vendor=vendor, journalled=-inf))
                changed.append(digest)
        await self._write(_SEALS + team, changed)

    async def tidy(self) -> None:
        """Forget what has ended, and rewrite the journal once most of its lines are outdated.

        A journal that cannot be written stays as it is.
        """
        for team in list(self._teams):
            while self._forget(team):
                await checkpoint()
            if not len(self._teams[team]):
                del self._teams[team]
        live = sum(map(len, self._teams.values()))
        if self._journal is not None and (self._journal.suspect or self._journal.lines > 2 * live + SPARE_LINES):
            with suppress(OSError):
                await self._journal.rewrite(self._slices())

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()

    def _of(self, team: str) -> Entries:
        """Return the entries of a team, to be added to."""
        entries = self._teams.get(team)
        if entries is None:
            entries = self._teams[team] = Entries()
        return entries

    def _used(self, team: str, key: str) -> SessionEntry:
        """Return an entry, made if there is none; this is a use."""
        now, entries = self._clock.monotonic(), self._of(team)
        entry = entries.get(key)
        if entry is None or entry.ends <= now:
            entry = SessionEntry(now, -inf)
        entry = entry._replace(ends=now + KEPT_S)
        entries.put(key, entry)
        return entry

    async def _use(self, team: str, keys: Sequence[str]) -> None:
        """Keep what is known of keys for another day."""
        now, entries = self._clock.monotonic(), self._teams.get(team, _NONE)
        due: list[str] = []
        for number, key in enumerate(keys, 1):
            entry = entries.get(key)
            if entry is not None and entry.ends > now:
                is_due = now - entry.journalled >= SLACK_S
                entries.put(key, entry._replace(ends=now + KEPT_S, journalled=-inf if is_due else entry.journalled))
                if is_due:
                    due.append(key)
            if number % SLICE == 0:
                await checkpoint()
        if due:
            await self._write(team, due)

    def _check_room(self, team: str) -> None:
        entries = self._teams.get(team, _NONE)
        if len(entries) <= self._most:
            return
        self._forget(team)
        if len(entries) > self._most:
            raise SessionsUnavailable("the team has more conversations than can be stored")

    def _forget(self, team: str) -> bool:
        """Drop a slice of the entries of a team that have ended; True if there may be more."""
        return self._teams.get(team, _NONE).forget(self._clock.monotonic(), SLICE)

    async def _write(self, team: str, changed: Sequence[str]) -> None:
        """Journal entries as they are now, a slice at a time, and return when they are on the disk.

        Until then each counts as not written, whatever comes between: its next use would do it.
        """
        for first in range(0, len(changed), SLICE):
            keys = changed[first : first + SLICE]
            self._append(self._lines(team, keys))
            entries = self._teams.get(team, _NONE)
            for key in keys:
                if (entry := entries.get(key)) is not None:
                    entries.change(key, entry._replace(journalled=entry.ends - KEPT_S))
            await checkpoint()
        await self._synced()

    def _append(self, lines: Sequence[bytes]) -> None:
        try:
            if self._journal is not None:
                self._journal.append(lines)
        except OSError as error:
            raise SessionsUnavailable(_UNWRITTEN) from error

    async def _synced(self) -> None:
        try:
            if self._journal is not None:
                await self._journal.synced_within(DISK_S)
        except OSError as error:  # also that it took too long
            raise SessionsUnavailable(_UNWRITTEN) from error

    def _slices(self) -> Iterator[list[bytes]]:
        """Yield the lines of all that holds, a slice at a time, each as it is then."""
        if self._lost_until > self._clock.monotonic():
            yield [lost(self._wall(self._lost_until))]
        for team, entries in list(self._teams.items()):
            keys = iter(entries)
            while part := list(islice(keys, SLICE)):
                yield self._lines(team, part)

    def _lines(self, team: str, keys: Sequence[str]) -> list[bytes]:
        entries = self._teams.get(team, _NONE)
        return [self._line(team, key, entry) for key in keys if (entry := entries.get(key)) is not None]

    def _line(self, team: str, key: str, entry: SessionEntry) -> bytes:
        used = entry.ends - KEPT_S if entry.journalled == -inf else entry.journalled
        ends = int(self._wall(used + KEPT_S + SLACK_S))
        return Line(team, key, ends, entry.labels, entry.vendor).encoded()

    def _wall(self, monotonic: float) -> float:
        """Return a time on the monotonic clock in UTC seconds."""
        return self._clock.wall_ns() / 1e9 + monotonic - self._clock.monotonic()
