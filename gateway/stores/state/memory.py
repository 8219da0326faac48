"""Budgets and rates in process: exact for one worker, which is all that the embedded default runs."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import ceil
from typing import Final

from gateway.domain.admission import GRACE_S, LATE_S, WINDOW_S, Admission, BudgetEntry, Expired, Rate, Window
from gateway.ports import Clock

ENDLESS_S: Final = 400 * 86_400
"""How long a counter with an unknown end is kept after its last hold."""
SWEEP_LATE: Final = 1000
"""So many ended holds may wait to be forgotten before they are looked through."""


@dataclass(slots=True)
class _Counter:
    kept: float
    """When it expires, on the monotonic clock: setting the wall clock forward expires nothing."""
    spent: int = 0
    held: int = 0
    holds: int = 0
    """How many holds name it: while one does it is not forgotten."""


@dataclass(slots=True)
class _Hold:
    amounts: dict[str, int]
    deadline: float
    second: int
    tokens: dict[str, int]
    """Rate → tokens that it counted in that second."""
    expired: bool = False


@dataclass(slots=True)
class _Minute:
    """What was admitted in the last minute, by second; the sum is kept."""

    total: int = 0
    seconds: deque[list[int]] = field(default_factory=deque)

    def turn(self, now: int) -> None:
        while self.seconds and self.seconds[0][0] <= now - WINDOW_S:
            self.total -= self.seconds.popleft()[1]

    def add(self, now: int, amount: int) -> None:
        if not self.seconds or self.seconds[-1][0] != now:
            self.seconds.append([now, 0])
        self.seconds[-1][1] += amount
        self.total += amount

    def correct(self, second: int, by: int) -> None:
        """Change what was admitted in a second, unless that has slid out."""
        for one in self.seconds:
            if one[0] == second:
                by = max(by, -one[1])
                one[1] += by
                self.total += by
                if not one[1]:
                    self.seconds.remove(one)
                return

    def until(self, room: int, now: float) -> int:
        """Return the seconds until no more than ``room`` is left in the window."""
        total = self.total
        for second, amount in self.seconds:
            if total <= room:
                break
            total -= amount
            if total <= room:
                return max(1, ceil(second + WINDOW_S - now))
        return 1 if total <= room else WINDOW_S


class MemoryState:
    """State of one process. Each operation takes the same time however many holds there are."""

    here = True

    def __init__(self, clock: Clock, spent: Mapping[str, int] | None = None) -> None:
        """Start with what the ledger says was spent, by counter; time is the monotonic clock, which cannot be set."""
        self._clock = clock
        self._counters: dict[str, _Counter] = {}
        self._forget: list[tuple[float, str]] = []
        """When each counter may be forgotten, the soonest first; one that is kept longer by then comes back."""
        self._holds: dict[str, _Hold] = {}
        self._unheld: dict[str, tuple[BudgetEntry, ...]] = {}
        self._ends: list[tuple[float, str]] = []
        self._minutes: dict[str, _Minute] = {}
        """In the order in which something was counted last."""
        for counter, amount in (spent or {}).items():
            self._counter(counter).spent = amount

    def used(self, counter: str) -> tuple[int, int]:
        """Return what is spent and what is held."""
        found = self._counters.get(counter)
        return (0, 0) if found is None else (found.spent, found.held)

    async def admit(
        self, hold: str, entries: Sequence[BudgetEntry], rates: Sequence[Rate], seconds: float
    ) -> Admission:
        """Take a hold of all entries and count all rates, or none of them. Idempotent by the hold's id."""
        if hold in self._holds:
            return Admission(windows=self._windows(rates))
        now = self._clock.monotonic()
        wait = self._wait(rates, now)
        if wait:
            return Admission(wait_s=wait, windows=self._windows(rates))
        for entry in entries:
            spent, held = self.used(entry.counter)
            if entry.limit is not None and spent + held + entry.amount > entry.limit:
                return Admission(short=entry.counter, left=entry.limit - spent - held)
        for rate in rates:
            if rate.amount:
                self._count(rate, int(now))
        if entries or any(rate.unit == "tokens" for rate in rates):
            self._hold(hold, entries, rates, now, seconds)
        return Admission(windows=self._windows(rates))

    def unheld(self, hold: str, entries: Sequence[BudgetEntry]) -> None:
        """Record that a call continues although its hold failed; its settlement charges it, once."""
        self._unheld[hold] = tuple(entries)

    async def settle(self, hold: str, charges: Mapping[str, int], tokens: int | None = None) -> None:
        """Release a hold and book its true cost. Idempotent; a cost above the hold counts in full."""
        found, missed = self._holds.pop(hold, None), self._unheld.pop(hold, None)
        if found is None and missed is None:
            return
        for entry in missed or ():
            self._kept(entry)
        for known, amount in self._let_go(found) if found is not None else ():
            if found is not None and found.expired:  # it was booked at its estimate
                known.spent -= amount
            else:
                known.held -= amount
        for counter, amount in charges.items():
            self._counter(counter).spent += amount
        if tokens is not None and found is not None:
            for rate, amount in found.tokens.items():
                self._minute(rate).correct(found.second, tokens - amount)

    async def sweep(self, dead: Sequence[str] = ()) -> tuple[Expired, ...]:
        """Book holds that outlived their deadline at what they held, and return them; a late settlement corrects it.

        Counters that are over are deleted.
        """
        now = self._clock.monotonic()
        for name in dead:
            if name in self._holds:
                heappush(self._ends, (now, name))
        expired = []
        while self._ends and self._ends[0][0] <= now:
            _, name = heappop(self._ends)
            hold = self._holds.get(name)
            if hold is None:
                continue
            if hold.expired or not hold.amounts:
                self._let_go(self._holds.pop(name))
                continue
            hold.expired = True
            heappush(self._ends, (hold.deadline + LATE_S, name))
            for counter, amount in hold.amounts.items():
                found = self._counter(counter)
                found.held -= amount
                found.spent += amount
            expired.append(Expired(name, dict(hold.amounts)))
        self._tidy(now)
        return tuple(expired)

    async def seed(self, spent: Sequence[BudgetEntry]) -> None:
        """Raise counters to what the ledger says was spent; none is lowered."""
        for entry in spent:
            found = self._kept(entry)
            found.spent = max(found.spent, entry.amount)

    async def windows(self, rates: Sequence[Rate]) -> tuple[Window, ...]:
        """Return the state of rate limits, counting nothing."""
        return self._windows(rates)

    async def refresh(self) -> bool:
        """Nothing is elsewhere: what is known is what is."""
        return True

    async def close(self) -> None:
        """There is nothing to close."""

    def _hold(
        self, name: str, entries: Sequence[BudgetEntry], rates: Sequence[Rate], now: float, seconds: float
    ) -> None:
        deadline = now + seconds
        tokens = {rate.counter: rate.amount for rate in rates if rate.unit == "tokens"}
        amounts: dict[str, int] = {}
        for entry in entries:
            amounts[entry.counter] = amounts.get(entry.counter, 0) + entry.amount
            self._kept(entry).held += entry.amount
        for counter in amounts:
            self._counter(counter).holds += 1
        self._holds[name] = _Hold(amounts, deadline, int(now), tokens)
        heappush(self._ends, (deadline, name))
        if len(self._ends) > 2 * len(self._holds) + SWEEP_LATE:  # those of settled holds are passed over
            self._ends = sorted((end, one) for end, one in self._ends if one in self._holds)

    def _wait(self, rates: Sequence[Rate], now: float) -> int:
        waits = []
        for rate in rates:
            minute = self._minute(rate.counter)
            minute.turn(int(now))
            if minute.total + rate.amount > rate.limit and not rate.counted:
                waits.append(minute.until(rate.limit - rate.amount, now))
        return max(waits, default=0)

    def _windows(self, rates: Sequence[Rate]) -> tuple[Window, ...]:
        now = self._clock.monotonic()
        found = []
        for rate in rates:
            minute = self._minute(rate.counter)
            minute.turn(int(now))
            reset = minute.seconds[-1][0] + WINDOW_S - now if minute.seconds else 0.0
            found.append(Window(rate.unit, rate.limit, max(0, rate.limit - minute.total), reset))
        return tuple(found)

    def _let_go(self, hold: _Hold) -> list[tuple[_Counter, int]]:
        """Return the counters of a hold that has ended, and what it held of each."""
        found = [(self._counter(counter), amount) for counter, amount in hold.amounts.items()]
        for counter, _ in found:
            counter.holds -= 1
        return found

    def _tidy(self, now: float) -> None:
        """Forget counters whose period is long over, and minutes in which nothing is counted any more."""
        while self._forget and self._forget[0][0] <= now:
            _, name = heappop(self._forget)
            counter = self._counters[name]
            if counter.kept <= now and not counter.holds:
                del self._counters[name]
            else:
                heappush(self._forget, (max(counter.kept, now + LATE_S), name))
        while self._minutes:
            name = next(iter(self._minutes))
            minute = self._minutes[name]
            if minute.seconds and minute.seconds[-1][0] > now - WINDOW_S:
                break
            del self._minutes[name]

    def _minute(self, name: str) -> _Minute:
        """Return the minute of a rate; one that is only looked at is not kept."""
        return self._minutes.get(name) or _Minute()

    def _count(self, rate: Rate, now: int) -> None:
        minute = self._minutes.pop(rate.counter, None) or _Minute()
        minute.add(now, rate.amount)
        self._minutes[rate.counter] = minute

    def _kept(self, entry: BudgetEntry) -> _Counter:
        """Return the counter of an entry, which is kept until some time after its period; never less than before."""
        seconds: float = ENDLESS_S
        if entry.ends is not None:
            seconds = max(0.0, entry.ends + GRACE_S - self._clock.wall_ns() / 1e9)
        found = self._counter(entry.counter, seconds)
        found.kept = max(found.kept, self._clock.monotonic() + seconds)
        return found

    def _counter(self, name: str, seconds: float = ENDLESS_S) -> _Counter:
        """Return a counter; a new one is kept for some seconds."""
        found = self._counters.get(name)
        if found is None:
            found = self._counters[name] = _Counter(self._clock.monotonic() + seconds)
            heappush(self._forget, (found.kept, name))
        return found
