"""Labels of conversations in Redis, shared by all workers and hosts.

A label is only ever added: each one that was seen is a field of its own, and readers join them. So two workers that add
at once cannot lower what the other one found.

A long agent session has thousands of keys. So each operation is one script, which looks at all keys and returns what
they have in common, in one round trip; it is called on the path of each request and again before each attempt.

A marker key records since when labels are complete. If it is missing or changed, data was lost; for 24 hours only
conversations that certainly began after the loss are trusted.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from importlib import resources
from typing import Any, Final

import orjson

from gateway.domain.label import Label, Part
from gateway.ports import SessionsUnavailable
from gateway.sensitivity.forgetting import Forgotten, without
from gateway.stores.sessions.plain import Plain
from gateway.stores.state.redis_client import AWAY, connect

KEPT_S: Final = 24 * 3600
"""After its last use."""
MICROS: Final = 1_000_000
MOST_OWED: Final = 10_000
"""Keys whose labels could not be written yet."""
MOST_KEYS: Final = 4096
"""Per script: Redis serves nothing else while a script runs, so more keys take several scripts."""
_LABELS: Final = "{gateway}:said:"
_SEALS: Final = "{gateway}:seal:"
_BEGUN: Final = "{gateway}:begun:"
_MARK: Final = "{gateway}:said"
"""Another name than that of releases which kept labels by other keys: their labels count as lost."""
_PLAIN: Final = "plain"
"""The field of a key that carries nothing."""
_TIME: Final = ("EVAL", "return redis.call('TIME')", 1, _MARK)
"""Of the node that keeps the labels: a cluster has many clocks."""
_FRESH: Final = "fresh"
_LOST: Final = "lost"
_AWAY: Final = "the conversation labels are not available"


class RedisSessions:
    """Session labels that several workers share.

    Keys: ``{gateway}:said:TEAM:KEY``, a hash of ``[kind, label]`` as JSON → ``1``;
    ``{gateway}:seal:TEAM:DIGEST``, a string; ``{gateway}:said``, the mark: ``fresh:MICROSECONDS`` or
    ``lost:MICROSECONDS``; and ``{gateway}:begun:TEAM:KEY``, a string: a request that certainly began after the loss.
    """

    remote = True

    def __init__(self, url: str) -> None:
        """Connect lazily.

        Raises:
            ValueError: it is not the URL of a Redis server.
        """
        self._redis = connect(url)
        self._scripts = {name: self._redis.register_script(_lua(name)) for name in ("find", "add", "sealed_by", "seal")}
        self._plain = Plain()
        self._mark = ""
        self._now = 0
        self._owed: dict[tuple[str, str], frozenset[str]] = {}
        """Team and key -> what could not be written: a call that stays at home goes on while Redis is away."""
        self._overflowed = False

    async def begin(self, *, fresh: bool) -> None:
        """Take the mark, or set one. ``fresh``: there were no conversations that could have been forgotten.

        Raises:
            SessionsUnavailable: Redis is not available; until it was, nothing is found.
        """
        now = _micros(*(await self._run([_TIME]))[0])
        await self._run([("SET", _MARK, f"{_FRESH if fresh else _LOST}:{now}", "NX")])
        (self._mark,) = await self._run([("GET", _MARK)])

    async def covers(self, team: str, earlier: str | None, now: str, *, keep: bool) -> bool:
        """Return whether the stored labels of a conversation are complete. Call it after :meth:`find`.

        They are if nothing was lost, or if the conversation began after the loss: nothing was answered in it yet, or
        the request before is known to have begun after the loss.

        Raises:
            SessionsUnavailable: Redis is not available.
        """
        kind, since = _parsed(self._mark)
        if kind != _LOST or self._now - since > KEPT_S * MICROS:
            return True
        if earlier is None or (earlier and not (await self._run([("EXISTS", _name(_BEGUN, team, earlier))]))[0]):
            return False
        if now and keep:
            await self._run([("SET", _name(_BEGUN, team, now), "1", "EX", KEPT_S)])
        return True

    async def find(self, team: str, keys: Sequence[str]) -> list[tuple[Part, ...] | None]:
        """Return what is kept under each key; this counts as a use. None: nothing is known of it.

        Raises:
            SessionsUnavailable: Redis is not available, or contains an invalid label.
        """
        if self._owed or self._overflowed:
            await self._pay()
        found: list[tuple[Part, ...] | None] = [self._plain.of(key) for key in keys]
        now, mark, first = ["0", "0"], "", 0
        for some in _chunks(keys):
            # Each reads the mark last: whatever is lost in between, it is lost before the last mark is read.
            held, *now, mark = await self._call("find", _name(_LABELS, team), some)
            for number, *fields in held:
                found[first + int(number) - 1] = tuple([_read(field) for field in fields if field != _PLAIN])
            first += len(some)
        await self._mind(mark, _micros(*now))
        return found

    async def add(self, team: str, keys: Sequence[str], parts: Sequence[Part]) -> None:
        """Add parts to each of the keys, or note that they carry nothing; on return every later :meth:`find` sees it.

        What could not be added, because Redis is away or the caller's time ended, is added before the next
        :meth:`find` of this process returns.

        Raises:
            SessionsUnavailable: Redis is not available, or has no room.
        """
        fields = frozenset(map(_field, parts) if parts else (_PLAIN,))
        try:
            await self._add(team, keys, fields)
        except BaseException:
            self._owe(team, keys, fields)
            raise

    async def _add(self, team: str, keys: Sequence[str], fields: Iterable[str]) -> None:
        for some in _chunks(keys):
            await self._call("add", _name(_LABELS, team), some, *fields)

    def _owe(self, team: str, keys: Sequence[str], fields: frozenset[str]) -> None:
        for key in keys:
            self._owed[team, key] = self._owed.get((team, key), frozenset()) | fields
        if len(self._owed) > MOST_OWED:
            self._owed.clear()
            self._overflowed = True

    async def _pay(self) -> None:
        """Add what is owed. If that was too much to keep, labels were lost, and the mark says so.

        Raises:
            SessionsUnavailable: Redis is not available; it stays owed.
        """
        if self._overflowed:
            now = _micros(*(await self._run([_TIME]))[0])
            await self._run([("SET", _MARK, f"{_LOST}:{now}")])
            self._overflowed = False
        for (team, key), fields in list(self._owed.items()):
            await self._add(team, [key], fields)
            if self._owed.get((team, key)) == fields:
                del self._owed[team, key]

    async def forget(self, forgotten: Forgotten) -> None:
        """Forget parts of what a key carries, or all of it.

        Raises:
            SessionsUnavailable: Redis is not available.
        """
        name = _name(_LABELS, forgotten.team, forgotten.key)
        (fields,) = await self._run([("HKEYS", name)])
        held = {part.kind: part.label for part in (_read(field) for field in fields if field != _PLAIN)}
        rest = without(held, forgotten)
        gone = [field for field in fields if field != _PLAIN and _read(field).kind not in rest]
        await self._run([("HDEL", name, *gone)] if rest and gone else [] if rest else [("DEL", name)])

    async def everything(self) -> AsyncIterator[tuple[str, str, tuple[Part, ...]]]:
        """Yield team, key and parts of all that is kept; it takes a while.

        Raises:
            SessionsUnavailable: Redis is not available.
        """
        try:
            async for name in self._redis.scan_iter(match=f"{_LABELS}*", count=1000):
                team, _, key = name.removeprefix(_LABELS).partition(":")
                fields = await self._redis.hkeys(name)
                yield team, key, tuple([_read(field) for field in fields if field != _PLAIN])
        except AWAY as error:
            raise SessionsUnavailable(_AWAY) from error

    def plain(self, keys: Sequence[str]) -> None:
        """Note in this process, for as long as there is room, that keys carry nothing."""
        self._plain.note(keys)

    def doubt(self, keys: Sequence[str]) -> None:
        """Take that back: whatever becomes of what is added to them next, they may carry something."""
        self._plain.forget(keys)

    async def sealed_by(self, team: str, digests: Sequence[str]) -> dict[str, str]:
        """Return digest → vendor for those sealed blocks whose vendor is known.

        Raises:
            SessionsUnavailable: Redis is not available.
        """
        found: list[str | None] = []
        for some in _chunks(digests):
            found += await self._call("sealed_by", _name(_SEALS, team), some)
        return {digest: vendor for digest, vendor in zip(digests, found, strict=True) if vendor is not None}

    async def seal(self, team: str, digests: Sequence[str], vendor: str) -> None:
        """Remember which vendor issued sealed blocks.

        Raises:
            SessionsUnavailable: Redis is not available, or has no room.
        """
        for some in _chunks(digests):
            await self._call("seal", _name(_SEALS, team), some, vendor)

    async def tidy(self) -> None:
        """Nothing is to do: what has ended expires by itself."""

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()

    async def _mind(self, mark: str, now: int) -> None:
        """See whether Redis lost what it held since this process knows it."""
        if not self._mark:
            raise SessionsUnavailable("it is not known yet since when the conversation labels are complete")
        self._now = now
        if mark == self._mark:
            return
        kind, since = _parsed(mark)
        if kind != _LOST or since < _parsed(self._mark)[1]:  # else another process marked it
            mark = f"{_LOST}:{now}"
            await self._run([("SET", _MARK, mark)])
        self._mark = mark

    async def _call(self, script: str, before: str, names: Sequence[str], *arguments: str) -> Any:
        """Run a script by its hash; one that Redis does not know any more, after a restart, is sent again."""
        try:
            return await self._scripts[script](keys=[_MARK], args=[KEPT_S, before, orjson.dumps(names), *arguments])
        except AWAY as error:
            raise SessionsUnavailable(_AWAY) from error

    async def _run(self, commands: Sequence[tuple[str | int, ...]]) -> list[Any]:
        """Send commands in one round trip and return their results; one that fails fails all."""
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                results: list[Any] = await pipeline.execute()
        except AWAY as error:
            raise SessionsUnavailable(_AWAY) from error
        return results


def _lua(name: str) -> str:
    return resources.files("gateway.stores.sessions.lua").joinpath(f"{name}.lua").read_text(encoding="utf-8")


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the keys of one script call after another; one without keys if there are none."""
    for first in range(0, len(names) or 1, MOST_KEYS):
        yield names[first : first + MOST_KEYS]


def _micros(seconds: str | int, micros: str | int) -> int:
    return int(seconds) * MICROS + int(micros)


def _parsed(mark: str) -> tuple[str, int]:
    kind, _, since = mark.partition(":")
    return (kind, int(since)) if since.isdigit() else ("", 0)


def _name(kind: str, team: str, key: str = "") -> str:
    return f"{kind}{team}:{key}"


def _field(part: Part) -> str:
    return orjson.dumps([part.kind, part.label.as_json()], option=orjson.OPT_SORT_KEYS).decode()


def _read(field: str) -> Part:
    try:
        kind, label = orjson.loads(field)
        return Part(kind, Label.from_json(label))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SessionsUnavailable("the label of a conversation cannot be read") from error
