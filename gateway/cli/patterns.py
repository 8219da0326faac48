"""Compiled patterns for commands that scan texts: those of the gateway on this machine, if there is one."""

from gateway.policy.load.errors import PolicyErrors
from gateway.settings import load
from gateway.stores.data_dir import DataDir


def use_kept_patterns() -> None:
    """Load the patterns that a gateway keeps in its data directory; without one they are compiled, in two seconds."""
    try:
        data = DataDir(load(None, {}).data_dir)
    except PolicyErrors:  # settings that are wrong are the business of commands that need them
        return
    if data.path.is_dir():
        from gateway.bootstrap.warm import keep_patterns  # noqa: PLC0415 -- most commands scan nothing

        keep_patterns(data)
