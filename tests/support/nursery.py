"""Makes edges and ledger children by fork, out of a process that has imported and compiled everything: 0.1 s each.

    python tests/support/nursery.py SETTINGS_JSON RUN_DIR

Reads lines ``edge`` or ``ledger`` on standard input, answers each with the new child's pid on standard output, and ends
with its input. The children run the very code that the supervisor's run; only the egress is not there, so that closed
calls fail over to local targets.
"""

import os
import sys
from pathlib import Path

import anyio

from gateway.bootstrap import edge, ledger
from gateway.bootstrap.child import Handed
from gateway.bootstrap.sockets import bind_tcp
from gateway.bootstrap.warm import warm
from gateway.cli.policy.in_force import load
from gateway.settings import Settings


def child(role: str, settings: Settings, run_dir: str, listener: int, lifeline: int) -> None:
    """Become a child; never returns."""
    key = None
    if role == "edge":
        key, write = os.pipe()
        os.write(write, b"k" * 32)
        os.close(write)
    handed = Handed(run_dir, lifeline, os.dup(listener), key)
    try:
        if role == "edge":
            anyio.run(edge.run, settings, handed, backend_options={"use_uvloop": True})
        else:
            anyio.run(ledger.run, settings, handed)
    finally:
        os._exit(0)


def main() -> None:
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_text())
    warm(load(settings.policies))
    listeners = {"edge": bind_tcp("127.0.0.1", 0), "ledger": bind_tcp("127.0.0.1", 0)}
    lifeline, held = os.pipe()
    os.set_inheritable(lifeline, True)
    print(*(listener.getsockname()[1] for listener in listeners.values()), flush=True)
    for line in sys.stdin:
        role = line.strip()
        pid = os.fork()
        if pid == 0:
            os.close(held)
            child(role, settings, sys.argv[2], listeners[role].fileno(), lifeline)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
