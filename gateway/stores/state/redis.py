"""Budgets and rates in Redis: exact for all workers and hosts that share it, one atomic script an operation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any, Final, NamedTuple

from gateway.domain.admission import GRACE_S, Admission, BudgetEntry, Expired, Rate, StateUnavailable, Window
from gateway.stores.state.redis_client import AWAY, connect

PREFIX: Final = "{gateway}:"
"""One hash tag: a call names counters of organization, team and key at once, so all lie in one slot of a cluster."""
BASE: Final = 10**9
MOST: Final = 10_000
"""Size of the local usage cache (LRU)."""
LATELY: Final = 300
"""A counter is kept up to date for so many turns of :meth:`RedisState.refresh` after it was requested, one a second."""
_MARK: Final = PREFIX + "seeded"
_ENDS: Final = PREFIX + "ends"
_HOLD: Final = PREFIX + "hold:"
_COUNTER: Final = PREFIX + "counter:"
_RATE: Final = PREFIX + "rate:"


class _Held(NamedTuple):
    names: tuple[str, ...]
    """Keys of its counters and rates."""
    entries: tuple[BudgetEntry, ...]
    seconds: float


class _Ending(NamedTuple):
    """How a hold ends."""

    charges: Mapping[str, int]
    tokens: int | None
    names: tuple[str, ...] = ()
    """Keys of its counters and rates, as far as they are known."""
    entries: tuple[BudgetEntry, ...] = ()
    mark: str = ""
    """The epoch in which its call continued without it; empty if it did not."""


class RedisState:
    """State that several workers share. Time is Redis's own, so that no host's clock can end a hold early."""

    here = False

    def __init__(self, url: str) -> None:
        """Connect lazily.

        Raises:
            ValueError: it is not the URL of a Redis server.
        """
        self._redis = connect(url)
        self._scripts = {
            name: self._redis.register_script(_lua("keep") + _lua(name))
            for name in ("admit", "settle", "sweep", "seed")
        }
        self._used: dict[str, tuple[int, int]] = {}
        self._asked: dict[str, int] = {}
        """Those of them that are kept up to date, and the turn in which each was last requested, the oldest first."""
        self._turn = 0
        self._held: dict[str, _Held] = {}
        self._mark = ""
        """The mark under which these are held."""
        self._owed: dict[str, _Ending] = {}
        """Settlements to retry, and holds whose admission is uncertain."""
        self._unheld: dict[str, _Ending] = {}
        """Calls that continued without their hold; charges and tokens follow at their end."""

    def used(self, counter: str) -> tuple[int, int]:
        """Return what is spent and what is held, as last known to this process; :meth:`admit` alone is exact."""
        known = self._used.get(counter, (0, 0))
        self._know(counter, known)
        return known

    async def admit(
        self, hold: str, entries: Sequence[BudgetEntry], rates: Sequence[Rate], seconds: float
    ) -> Admission:
        """Take a hold of all entries and count all rates, or none of them. Idempotent by the hold's id.

        Raises:
            StateUnavailable: Redis is not available, or has lost what was spent.
        """
        counters = tuple(entry.counter for entry in entries)
        keys, arguments = _asking(hold, entries, rates, seconds)
        keeps = bool(entries) or any(rate.unit == "tokens" for rate in rates)
        self._owed.pop(hold, None)
        try:
            word, *result = await self._run("admit", keys, arguments)
        except StateUnavailable:
            if keeps:  # the script may have run
                self._owe(hold, _Ending({}, 0))
            raise
        if word == "lost":
            raise StateUnavailable
        if word == "short":
            return Admission(short=counters[result[0] - 1], left=int(result[1]) * BASE + int(result[2]))
        if word == "wait":
            return Admission(wait_s=result[0], windows=_windows(rates, result[1]))
        for counter, spent, held in zip(counters, result[0][::2], result[0][1::2], strict=True):
            self._know(counter, (int(spent), int(held)))
        if keeps:
            self._held[hold] = _Held(tuple(keys[3:]), tuple(entries), seconds)
        return Admission(windows=_windows(rates, result[1]))

    def unheld(self, hold: str, entries: Sequence[BudgetEntry]) -> None:
        """Record that a call continues although its hold failed; its settlement charges it, once.

        Before this process has seeded the state nothing needs to be booked: it will be raised to the ledger's sums
        again until the last such call must have ended. So it is if the state is lost before the settlement.
        """
        self._unheld[hold] = _Ending({}, 0, (), tuple(entries), self._mark)

    async def settle(self, hold: str, charges: Mapping[str, int], tokens: int | None = None) -> None:
        """Release a hold and book its true cost. Idempotent; a cost above the hold counts in full.

        Raises:
            StateUnavailable: Redis is not available; the settlement is queued for the next :meth:`sweep` that succeeds.
                If this process dies before, the hold is booked at its amount once its deadline is over.
        """
        ending = self._unheld.pop(hold, _Ending({}, 0))._replace(charges=dict(charges), tokens=tokens)
        if (found := self._held.pop(hold, None)) is not None:
            ending = ending._replace(names=found.names, entries=found.entries)
        await self._end(hold, ending)

    async def sweep(self, dead: Sequence[str] = ()) -> tuple[Expired, ...]:
        """Book holds that outlived their deadline at what they held, and return them; a late settlement corrects it.

        ``dead`` are holds whose process died. Queued settlements are sent first.

        Raises:
            StateUnavailable: Redis is not available.
        """
        for hold in list(self._owed):
            if (ending := self._owed.get(hold)) is not None:
                await self._end(hold, ending)
        swept = await self._run("sweep", [_ENDS], [_HOLD, *dead])
        return tuple(
            Expired(
                hold,
                {
                    key.removeprefix(_COUNTER): int(amount)
                    for key, amount in zip(amounts[::2], amounts[1::2], strict=True)
                },
            )
            for hold, amounts in swept
        )

    async def seed(self, spent: Sequence[BudgetEntry]) -> None:
        """Raise counters to what the ledger says was spent; none is lowered.

        Raises:
            StateUnavailable: Redis is not available.
        """
        amounts = [one for entry in spent for one in (entry.amount, _until(entry))]
        mark = await self._run("seed", [_MARK, *(_COUNTER + entry.counter for entry in spent)], amounts)
        await self._hold_under(mark)
        for entry in spent:
            self.used(entry.counter)
        await self.refresh()

    async def windows(self, rates: Sequence[Rate]) -> tuple[Window, ...]:
        """Return the state of rate limits, counting nothing.

        Raises:
            StateUnavailable: Redis is not available.
        """
        nothing = [Rate(one.counter, "requests", one.limit, 0) for one in rates]
        result = (await self.admit("", (), nothing, 0.0)).windows
        return tuple(replace(window, unit=rate.unit) for window, rate in zip(result, rates, strict=True))

    async def refresh(self) -> bool:
        """Refresh the cache of recently used counters; False if the state was lost meanwhile.

        For the others the cached value is a lower bound, until they are used again. If another worker seeded
        the state meanwhile, what is held here is held again.

        Raises:
            StateUnavailable: Redis is not available.
        """
        self._turn += 1
        self._rest()
        counters = list(self._asked)
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.get(_MARK)
                for counter in counters:
                    pipeline.hmget(_COUNTER + counter, "spent", "held")
                mark, *found = await pipeline.execute()
        except AWAY as error:
            raise StateUnavailable from error
        for counter, (spent, held) in zip(counters, found, strict=True):
            if counter in self._used:
                self._used[counter] = (int(spent or 0), int(held or 0))
        if mark == self._mark:
            return True
        if mark:
            await self._hold_under(mark)
        return False

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()

    async def _hold_under(self, mark: str) -> None:
        """Take this process's holds again if the state was lost, even above a limit."""
        anew = list(self._held.items()) if self._mark not in {"", mark} else []
        for hold, (_, entries, seconds) in anew:
            if not entries or hold not in self._held:
                continue
            await self._run("admit", *_asking(hold, [replace(entry, limit=None) for entry in entries], (), seconds))
            if hold not in self._held:  # settled meanwhile, as there was nothing to settle: the ledger knows its cost
                await self.settle(hold, {})
        self._mark = mark

    async def _end(self, hold: str, ending: _Ending) -> None:
        charged = [_COUNTER + one for one in ending.charges]
        keys = [_HOLD + hold, _ENDS, _MARK, *charged, *(one for one in ending.names if one not in charged)]
        ends = {entry.counter: _until(entry) for entry in ending.entries}
        arguments: list[str | int] = [hold, len(charged), ending.mark]
        for counter, amount in ending.charges.items():
            arguments += [amount, ends.get(counter, "")]
        arguments.append("" if ending.tokens is None else ending.tokens)
        try:
            await self._run("settle", keys, arguments)
        except BaseException:  # a cancellation, too
            if not self._owes_more(hold, ending):
                self._owe(hold, ending)
            raise
        if not self._owes_more(hold, ending):
            self._owed.pop(hold, None)
        for counter in ending.charges:
            self.used(counter)

    def _owes_more(self, hold: str, ending: _Ending) -> bool:
        """Return whether a call ended, its settlement queued, while an older message about its hold was on its way."""
        owed = self._owed.get(hold)
        return owed is not None and owed is not ending and bool(owed.charges)

    def _owe(self, hold: str, ending: _Ending) -> None:
        self._owed[hold] = ending
        if len(self._owed) > MOST:  # the oldest is booked at its hold's amount
            del self._owed[next(iter(self._owed))]

    def _know(self, counter: str, used: tuple[int, int]) -> None:
        for known in (self._used, self._asked):
            known.pop(counter, None)
        self._used[counter], self._asked[counter] = used, self._turn
        if len(self._used) > MOST:
            oldest = next(iter(self._used))
            del self._used[oldest]
            self._asked.pop(oldest, None)

    def _rest(self) -> None:
        """Evict counters that were not used recently from the refresh; their holds end, what is spent stays."""
        while self._asked:
            counter = next(iter(self._asked))
            if self._asked[counter] > self._turn - LATELY:
                return
            del self._asked[counter]
            self._used[counter] = self._used[counter][0], 0

    async def _run(self, script: str, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
        """Run a script by its hash; one that Redis does not know any more, after a restart, is sent again."""
        try:
            return await self._scripts[script](keys=keys, args=arguments)
        except AWAY as error:
            raise StateUnavailable from error


def _lua(name: str) -> str:
    return resources.files("gateway.stores.state.lua").joinpath(f"{name}.lua").read_text(encoding="utf-8")


def _until(entry: BudgetEntry) -> int | str:
    """Return until when a counter is needed, in UTC seconds."""
    return "" if entry.ends is None else entry.ends + GRACE_S


def _asking(
    hold: str, entries: Sequence[BudgetEntry], rates: Sequence[Rate], seconds: float
) -> tuple[list[str], list[str | int]]:
    """Return keys and arguments of ``admit``."""
    arguments: list[str | int] = [hold, len(entries), len(rates), int(seconds * 1000)]
    for entry in entries:
        arguments += [entry.amount, "" if entry.limit is None else entry.limit, _until(entry)]
    for rate in rates:
        arguments += [rate.amount, rate.limit, "counted" if rate.counted else rate.unit]
    names = [*(_COUNTER + entry.counter for entry in entries), *(_RATE + rate.counter for rate in rates)]
    return [_HOLD + hold, _ENDS, _MARK, *names], arguments


def _windows(rates: Sequence[Rate], result: Sequence[int]) -> tuple[Window, ...]:
    return tuple(
        Window(rate.unit, rate.limit, remaining, reset / 1000)
        for rate, remaining, reset in zip(rates, result[::2], result[1::2], strict=True)
    )
