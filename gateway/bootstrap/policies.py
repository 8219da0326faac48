"""The policy in force of a process that serves: at the start compiled apart, later on here."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from gateway.bootstrap.compiling import canonical_of, compiled
from gateway.policy.load.build import build
from gateway.policy.snapshot import PolicySnapshot
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.files import File
from gateway.stores.policy.kept import KeptPolicy, Waiting
from gateway.stores.policy.source import PolicySource

_DO_HELD: Final = "look at it with `gateway policy diff`, then `gateway policy accept {policy} --reason …`"
_DO_REFUSED: Final = "`gateway policy check` names each fault; mend the files, and they are taken"


def policy_source(data: DataDir, prepare: Callable[[PolicySnapshot], object]) -> PolicySource:
    """Return the policy that is kept in a data directory, which the supervisor takes over from its files.

    ``prepare`` is called before one comes into force. Blocks, without threads.

    Raises:
        PolicyErrors: it is not valid; the process must not start.
        OSError: it cannot be read.
    """
    kept = KeptPolicy(data.policy)
    return PolicySource(kept.directory, compiled, prepare, first=_built, refused=kept.refused)


def state_of(data: DataDir, source: PolicySource) -> dict[str, Any]:
    """Return what probes and the console show: the policy in force and, if newer files are not, which and why.

    Shape: ``hash``, ``in_force``, ``problem`` (empty if in force) and, only if not, ``waiting``: ``state`` (``held`` or
    ``refused``), ``policy`` (the hash to accept it by), ``since`` (ISO 8601), ``do``; no address and no path in these.
    """
    problem = source.problem()
    state = {"hash": source.current().hash, "in_force": not problem, "problem": problem}
    waiting = KeptPolicy(data.policy).waiting() if problem else None
    return state if waiting is None else {**state, "waiting": _shown(waiting)}


def _shown(waiting: Waiting) -> dict[str, str]:
    held = waiting.event == "held"
    shown = {"state": waiting.event, "policy": waiting.policy, "do": _DO_HELD if held else _DO_REFUSED}
    if waiting.since_ns:
        shown["since"] = datetime.fromtimestamp(waiting.since_ns // 1_000_000_000, UTC).isoformat()
    if held:
        shown["do"] = shown["do"].format(policy=waiting.policy)
    return {key: text for key, text in shown.items() if text}


def _built(files: Sequence[File]) -> PolicySnapshot:
    return build(canonical_of(files))
