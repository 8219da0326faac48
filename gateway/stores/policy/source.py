"""The policy in force: read at the start, read again when a file changes, swapped whole; a bad file changes nothing."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import anyio
import anyio.from_thread

from gateway.policy.load.errors import PolicyErrors
from gateway.policy.snapshot import PolicySnapshot
from gateway.stores.policy.files import File, fingerprint, read_policies

PERIOD_S: Final = 0.5

Before = Callable[[PolicySnapshot], Coroutine[Any, Any, object]]
Compile = Callable[[Sequence[File]], PolicySnapshot]
"""Raises PolicyErrors."""
Changed = Callable[[PolicySnapshot, str], None]
"""Called with the policy in force and the problem of the newest files (empty: they are in force)."""


async def _nothing(_: PolicySnapshot) -> None:
    """Nobody has to know before."""


class PolicySource:
    """Holds one snapshot at a time. A request keeps the one that it began with."""

    def __init__(
        self,
        directory: Path,
        compile_: Compile,
        prepare: Callable[[PolicySnapshot], object] = lambda _: None,
        *,
        first: Compile | None = None,
        refused: Callable[[], str] = str,
    ) -> None:
        """Load the policy.

        Args:
            directory: of its files.
            compile_: compiles them.
            prepare: called before a policy comes into force, apart from the requests that are served.
            first: compiles them this time, if that is to be done otherwise.
            refused: says why newer files than these are not in force; empty if there are none.

        Raises:
            PolicyErrors: it is not valid; the process must not start.
            OSError: it cannot be read.
        """
        self._directory = directory
        self._compile = compile_
        self._seen = fingerprint(directory)
        self._prepare = prepare
        self._current = self._compiled(first or compile_)
        self._refused = refused
        self._told = self._problem = refused()

    def current(self) -> PolicySnapshot:
        """Return the policy in force."""
        return self._current

    def problem(self) -> str:
        """Say why the newest files are not in force; empty if they are."""
        return self._problem

    async def watch(self, changed: Changed, before: Before = _nothing) -> None:
        """Look for changes until cancelled. Content decides, so that a ConfigMap's swapped links are seen too.

        ``before`` is awaited before a policy comes into force.
        """

        def expect(snapshot: PolicySnapshot) -> None:
            anyio.from_thread.run(before, snapshot)

        while True:
            await anyio.sleep(PERIOD_S)
            if await anyio.to_thread.run_sync(self.reload, expect):
                changed(self._current, self._problem)

    def reload(self, before: Callable[[PolicySnapshot], object] = lambda _: None) -> bool:
        """Read the files again if they changed; returns True if they did, for better or worse."""
        try:
            seen, told = fingerprint(self._directory), self._refused()
            if seen == self._seen:
                if told == self._told:
                    return False
                self._told = self._problem = told
                return True
            self._seen, self._told = seen, told
            snapshot = self._compiled(self._compile)
            before(snapshot)
            self._current = snapshot
            self._problem = told
        except PolicyErrors as errors:
            self._problem = str(errors)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with a file, the last good policy stays in force
            self._seen = ""  # once they can be read again they are, even if they are the same
            known, self._problem = self._problem, f"the policy files cannot be read ({type(error).__name__})"
            return known != self._problem
        return True

    def _compiled(self, compile_: Compile) -> PolicySnapshot:
        snapshot = compile_(read_policies(self._directory))
        self._prepare(snapshot)
        return snapshot
