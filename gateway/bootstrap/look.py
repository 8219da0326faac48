"""A look at changed policy files, in a process that ends with it."""

import time

import msgspec

from gateway.bootstrap.keeping import keep
from gateway.settings import Settings, default_policies
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.kept import KeptPolicy


def run(settings: Settings) -> str:
    """Put the files into force if they may be; return what came of it as JSON.

    Raises:
        OSError: what is kept cannot be read or written.
    """
    kept = KeptPolicy(DataDir(settings.data_dir).policy)
    looked = keep(settings.policies or default_policies(), kept, settings.policy.on_widening, time.time_ns())
    return msgspec.json.encode(looked).decode()
