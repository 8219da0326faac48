"""Budgets and rates in Redis: exact for all workers and hosts that share it, one atomic script an operation."""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.domain.admission import Admission, Entry, Expired, Rate, StateUnavailable, Window

PREFIX: Final = "{gateway}:"
"""One hash tag: a call names counters of organization, team and key at once, so all lie in one slot of a cluster."""
TIMEOUT_S: Final = 1.0
BASE: Final = 10**9
MOST: Final = 10_000
"""Counters whose use is kept up to date here; the one that was not asked for the longest goes first."""
_MARK: Final = PREFIX + "seeded"
_ENDS: Final = PREFIX + "ends"
_HOLD: Final = PREFIX + "hold:"
_COUNTER: Final = PREFIX + "counter:"
_RATE: Final = PREFIX + "rate:"


class RedisState:
    """State that several workers share. Time is Redis's own, so that no host's clock can end a hold early."""

    def __init__(self, url: str) -> None:
        """Connect lazily.

        Raises:
            ValueError: it is no URL of a Redis server.
        """
        self._redis: Any = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
        )
        self._scripts = {
            name: self._redis.register_script(
                resources.files("gateway.stores.lua").joinpath(f"{name}.lua").read_text(encoding="utf-8")
            )
            for name in ("admit", "settle", "sweep", "seed")
        }
        self._used: dict[str, tuple[int, int]] = {}
        self._held: dict[str, tuple[str, ...]] = {}

    def used(self, counter: str) -> tuple[int, int]:
        """Return what is spent and what is held, as last known to this process; :meth:`admit` alone is exact."""
        if counter not in self._used:
            self._know(counter, (0, 0))
        return self._used[counter]

    async def admit(self, hold: str, entries: Sequence[Entry], rates: Sequence[Rate], seconds: float) -> Admission:
        """Take a hold of all entries and count all rates, or none of them. Idempotent by the hold's id.

        Raises:
            StateUnavailable: Redis cannot be asked.
        """
        counters = tuple(entry.counter for entry in entries)
        keys = [_HOLD + hold, _ENDS, *(_COUNTER + one for one in counters), *(_RATE + rate.counter for rate in rates)]
        arguments: list[str | int] = [hold, len(entries), len(rates), int(seconds * 1000)]
        for entry in entries:
            arguments += [entry.amount, "" if entry.limit is None else entry.limit]
        for rate in rates:
            arguments += [rate.amount, rate.limit]
        self._held[hold] = counters
        word, *told = await self._run("admit", keys, arguments)
        if word == "short":
            self._held.pop(hold, None)
            return Admission(short=counters[told[0] - 1], left=int(told[1]) * BASE + int(told[2]))
        if word == "wait":
            self._held.pop(hold, None)
            return Admission(wait_s=told[0], windows=_windows(rates, told[1]))
        for counter, spent, held in zip(counters, told[0][::2], told[0][1::2], strict=True):
            self._know(counter, (int(spent), int(held)))
        if not entries:
            self._held.pop(hold, None)
        return Admission(windows=_windows(rates, told[1]))

    async def settle(self, hold: str, charges: Mapping[str, int]) -> None:
        """Release a hold and book what it truly cost. Idempotent; a cost above the hold counts in full.

        Raises:
            StateUnavailable: Redis cannot be asked; the hold will be booked at its amount once its deadline is over.
        """
        held = self._held.pop(hold, ())
        others = [one for one in held if one not in charges]
        keys = [_HOLD + hold, _ENDS, *(_COUNTER + one for one in (*charges, *others))]
        await self._run("settle", keys, [hold, len(charges), *charges.values()])
        for counter in (*charges, *others):
            if counter not in self._used:
                self._know(counter, (0, 0))

    async def sweep(self) -> tuple[Expired, ...]:
        """Book holds that outlived their deadline at what they held, and return them; a late settlement corrects it.

        Raises:
            StateUnavailable: Redis cannot be asked.
        """
        swept = await self._run("sweep", [_ENDS], [_HOLD])
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
        await self._run("seed", [_MARK, *(_COUNTER + one for one in spent)], list(spent.values()))
        for counter in spent:
            self._know(counter, (0, 0))
        await self.refresh()

    async def windows(self, rates: Sequence[Rate]) -> tuple[Window, ...]:
        """Return the state of rate limits, counting nothing.

        Raises:
            StateUnavailable: Redis cannot be asked.
        """
        nothing = [Rate(one.counter, one.unit, one.limit, 0) for one in rates]
        return (await self.admit("", (), nothing, 0.0)).windows

    async def refresh(self) -> bool:
        """Learn anew what is used; False if the state was lost since it was seeded.

        Raises:
            StateUnavailable: Redis cannot be asked.
        """
        counters = list(self._used)
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.exists(_MARK)
                for counter in counters:
                    pipeline.hmget(_COUNTER + counter, "spent", "held")
                marked, *found = await pipeline.execute()
        except (RedisError, OSError) as error:
            raise StateUnavailable from error
        for counter, (spent, held) in zip(counters, found, strict=True):
            if counter in self._used:
                self._used[counter] = (int(spent or 0), int(held or 0))
        return bool(marked)

    async def close(self) -> None:
        """Let go of connections."""
        await self._redis.aclose()

    def _know(self, counter: str, used: tuple[int, int]) -> None:
        self._used.pop(counter, None)
        self._used[counter] = used
        if len(self._used) > MOST:
            del self._used[next(iter(self._used))]

    async def _run(self, script: str, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
        """Run a script by its hash; one that Redis does not know any more, after a restart, is sent again."""
        try:
            return await self._scripts[script](keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            raise StateUnavailable from error


def _windows(rates: Sequence[Rate], told: Sequence[int]) -> tuple[Window, ...]:
    return tuple(
        Window(rate.unit, rate.limit, remaining, reset / 1000)
        for rate, remaining, reset in zip(rates, told[::2], told[1::2], strict=True)
    )
