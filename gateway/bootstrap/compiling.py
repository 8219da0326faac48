"""Policies compiled in a process of their own: parser, models and prices take ten megabytes, and are needed once.

What comes back is the policy's canonical form, from which each process builds what it decides by.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import orjson

from gateway.bootstrap.apart import apart
from gateway.policy.load.errors import PolicyError, PolicyErrors
from gateway.stores.policy.files import File

if TYPE_CHECKING:
    from gateway.policy.snapshot import PolicySnapshot


def canonical_of(files: Sequence[File]) -> bytes:
    """Return the canonical form of the policy in these files. Blocks; only for a process without threads.

    Raises:
        PolicyErrors: it is not valid.
    """
    answer = apart(partial(_answer, files))
    if answer.startswith(b"["):
        raise PolicyErrors([PolicyError(**fault) for fault in orjson.loads(answer)])
    return answer


def compiled(files: Sequence[File]) -> "PolicySnapshot":
    """Compile the policy in these files here.

    Raises:
        PolicyErrors: it is not valid.
    """
    from gateway.policy.load.compile import compile_documents  # noqa: PLC0415 -- at the start only the copy loads it
    from gateway.pricing.book import PriceBook  # noqa: PLC0415 -- as above

    return compile_documents(files, PriceBook.load_bundled())


def _answer(files: Sequence[File]) -> bytes:
    """Return a policy, which is an object, or its faults, which are a list."""
    try:
        return compiled(files).canonical
    except PolicyErrors as errors:
        return orjson.dumps(errors.errors)
