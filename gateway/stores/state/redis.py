"""Budgets and rates in Redis: exact for all workers and hosts that share it, one atomic script an operation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any, Final, NamedTuple

from gateway.domain.admission import Admission, Entry, Expired, Rate, StateUnavailable, Window
from gateway.stores.state.redis_client import AWAY, connect

PREFIX: Final = "{gateway}:"
"""One hash tag: a call names counters of organization, team and key at once, so all lie in one slot of a cluster."""
BASE: Final = 10**9
MOST: Final = 10_000
"""Counters whose use is kept up to date here; the one that was not asked for the longest goes first."""
_MARK: Final = PREFIX + "seeded"
_ENDS: Final = PREFIX + "ends"
_HOLD: Final = PREFIX + "hold:"
_COUNTER: Final = PREFIX + "counter:"
_RATE: Final = PREFIX + "rate:"


class _Held(NamedTuple):
    names: tuple[str, ...]
    """Keys of its counters and rates."""
    entries: tuple[Entry, ...]
    seconds: float


class RedisState:
    """State that several workers share. Time is Redis's own, so that no host's clock can end a hold early."""

    def __init__(self, url: str) -> None:
        """Connect lazily.

        Raises:
            ValueError: it is no URL of a Redis server.
        """
        self._redis = connect(url)
        self._scripts = {
            name: self._redis.register_script(
                resources.files("gateway.stores.state.lua").joinpath(f"{name}.lua").read_text(encoding="utf-8")
            )
            for name in ("admit", "settle", "sweep", "seed")
        }
        self._used: dict[str, tuple[int, int]] = {}
        self._held: dict[str, _Held] = {}
        self._mark = ""
        """The mark under which these are held."""
        self._owed: dict[str, tuple[dict[str, int], int | None]] = {}
        """Holds whose end could not be told, or of which nobody knows whether they came about: charges, tokens."""

    def used(self, counter: str) -> tuple[int, int]:
        """Return what is spent and what is held, as last known to this process; :meth:`admit` alone is exact."""
        if counter not in self._used:
            self._know(counter, (0, 0))
        return self._used[counter]

    async def admit(self, hold: str, entries: Sequence[Entry], rates: Sequence[Rate], seconds: float) -> Admission:
        """Take a hold of all entries and count all rates, or none of them. Idempotent by the hold's id.

        Raises:
            StateUnavailable: Redis cannot be asked, or has lost what was spent.
        """
        counters = tuple(entry.counter for entry in entries)
        keys, arguments = _asked(hold, entries, rates, seconds)
        keeps = bool(entries) or any(rate.unit == "tokens" for rate in rates)
        self._owed.pop(hold, None)
        try:
            word, *told = await self._run("admit", keys, arguments)
        except StateUnavailable:
            if keeps:  # the script may have run
                self._owe(hold, {}, 0)
            raise
        if word == "lost":
            raise StateUnavailable
        if word == "short":
            return Admission(short=counters[told[0] - 1], left=int(told[1]) * BASE + int(told[2]))
        if word == "wait":
            return Admission(wait_s=told[0], windows=_windows(rates, told[1]))
        for counter, spent, held in zip(counters, told[0][::2], told[0][1::2], strict=True):
            self._know(counter, (int(spent), int(held)))
        if keeps:
            self._held[hold] = _Held(tuple(keys[3:]), tuple(entries), seconds)
        return Admission(windows=_windows(rates, told[1]))

    async def settle(self, hold: str, charges: Mapping[str, int], tokens: int | None = None) -> None:
        """Release a hold and book what it truly cost. Idempotent; a cost above the hold counts in full.

        Raises:
            StateUnavailable: Redis cannot be asked; it is told with the next :meth:`sweep` that can. If this process
                dies before, the hold is booked at its amount once its deadline is over.
        """
        found = self._held.pop(hold, None)
        held = () if found is None else found.names
        charged = [_COUNTER + one for one in charges]
        keys = [_HOLD + hold, _ENDS, *charged, *(one for one in held if one not in charged)]
        arguments = [hold, len(charges), *charges.values(), "" if tokens is None else tokens]
        try:
            await self._run("settle", keys, arguments)
        except BaseException:  # a cancellation, too
            self._owe(hold, dict(charges), tokens)
            raise
        self._owed.pop(hold, None)
        for counter in charges:
            if counter not in self._used:
                self._know(counter, (0, 0))

    async def sweep(self, dead: Sequence[str] = ()) -> tuple[Expired, ...]:
        """Book holds that outlived their deadline at what they held, and return them; a late settlement corrects it.

        ``dead`` are holds whose process died. Settlements that could not be told before are told first.

        Raises:
            StateUnavailable: Redis cannot be asked.
        """
        for hold, (charges, tokens) in list(self._owed.items()):
            await self.settle(hold, charges, tokens)
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

    async def seed(self, spent: Mapping[str, int]) -> None:
        """Raise counters to what the ledger says was spent; none is lowered.

        Raises:
            StateUnavailable: Redis cannot be asked.
        """
        mark = await self._run("seed", [_MARK, *(_COUNTER + one for one in spent)], list(spent.values()))
        await self._hold_under(mark)
        for counter in spent:
            self._know(counter, (0, 0))
        await self.refresh()

    async def windows(self, rates: Sequence[Rate]) -> tuple[Window, ...]:
        """Return the state of rate limits, counting nothing.

        Raises:
            StateUnavailable: Redis cannot be asked.
        """
        nothing = [Rate(one.counter, "requests", one.limit, 0) for one in rates]
        told = (await self.admit("", (), nothing, 0.0)).windows
        return tuple(replace(window, unit=rate.unit) for window, rate in zip(told, rates, strict=True))

    async def refresh(self) -> bool:
        """Learn anew what is used; False if the state was lost since this process seeded it.

        If another one seeded it meanwhile, what is held here is held again.

        Raises:
            StateUnavailable: Redis cannot be asked.
        """
        counters = list(self._used)
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
        """Let go of connections."""
        await self._redis.aclose()

    async def _hold_under(self, mark: str) -> None:
        """Take this process's holds anew, whatever is left, if the state that knew them was lost."""
        anew = list(self._held.items()) if self._mark not in {"", mark} else []
        for hold, (_, entries, seconds) in anew:
            if not entries or hold not in self._held:
                continue
            await self._run("admit", *_asked(hold, [replace(entry, limit=None) for entry in entries], (), seconds))
            if hold not in self._held:  # settled meanwhile, as there was nothing to settle: the ledger knows its cost
                await self.settle(hold, {})
        self._mark = mark

    def _owe(self, hold: str, charges: dict[str, int], tokens: int | None) -> None:
        self._owed[hold] = charges, tokens
        if len(self._owed) > MOST:  # the oldest is booked at its hold's amount
            del self._owed[next(iter(self._owed))]

    def _know(self, counter: str, used: tuple[int, int]) -> None:
        self._used.pop(counter, None)
        self._used[counter] = used
        if len(self._used) > MOST:
            del self._used[next(iter(self._used))]

    async def _run(self, script: str, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
        """Run a script by its hash; one that Redis does not know any more, after a restart, is sent again."""
        try:
            return await self._scripts[script](keys=keys, args=arguments)
        except AWAY as error:
            raise StateUnavailable from error


def _asked(
    hold: str, entries: Sequence[Entry], rates: Sequence[Rate], seconds: float
) -> tuple[list[str], list[str | int]]:
    """Return keys and arguments of ``admit``."""
    arguments: list[str | int] = [hold, len(entries), len(rates), int(seconds * 1000)]
    for entry in entries:
        arguments += [entry.amount, "" if entry.limit is None else entry.limit]
    for rate in rates:
        arguments += [rate.amount, rate.limit, "counted" if rate.counted else rate.unit]
    names = [*(_COUNTER + entry.counter for entry in entries), *(_RATE + rate.counter for rate in rates)]
    return [_HOLD + hold, _ENDS, _MARK, *names], arguments


def _windows(rates: Sequence[Rate], told: Sequence[int]) -> tuple[Window, ...]:
    return tuple(
        Window(rate.unit, rate.limit, remaining, reset / 1000)
        for rate, remaining, reset in zip(rates, told[::2], told[1::2], strict=True)
    )
