"""The one place that knows CredSweeper: whether it finds a secret in a text, in memory, without files or network.

It is imported when a finder is made, not with this module: it takes a second and a half and 200 MB, which only the
worker is to pay.
"""

import multiprocessing
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from time import monotonic
from typing import Any, Final

from gateway.sensitivity.placeholder import is_placeholder, is_reference

THRESHOLD: Final = 0.62
"""CredSweeper's own ``medium``; on the tuned split F1 is flat from .05 to .8, so nothing is gained by tuning it."""
_LINES: Final = 200
_OVERLAP: Final = 20
_UUID: Final = "UUID"
"""Its rule that calls every UUID a secret: identifiers of rows and requests, which the texts of agents are full of."""
_NAMED_ID: Final = re.compile(r"\w*(?:id|trace|span|hash|sha\d*|commit|etag|digest)=$", re.IGNORECASE)
"""What logs say after a component's name, ``[token] request_id=…``, which it takes for the token."""


class TooLate(Exception):
    """The text was not read to its end in time."""


def is_installed() -> bool:
    """Return whether the extra is there, without importing it."""
    return find_spec("credsweeper") is not None


class Finder:
    """CredSweeper with its model loaded."""

    def __init__(self, *, uuids: bool = False) -> None:
        """Load it. It reports to nobody, and leaves no process of its own."""
        # ONNX Runtime 1.32 keeps a database of events in the home directory and sends it to its makers, from native
        # threads that no audit hook of Python sees. Only this variable, before it is loaded, stops that.
        os.putenv("ORT_DISABLE_TELEMETRY", "1")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from credsweeper.app import CredSweeper  # noqa: PLC0415 -- see above
            from credsweeper.file_handler.string_content_provider import StringContentProvider  # noqa: PLC0415

            self._sweeper = CredSweeper(pool_count=1, ml_threshold=THRESHOLD, ml_threads_limit=1)
        # It starts a process to make an empty list; Python 3.12 no longer ends that by itself.
        for child in multiprocessing.active_children():
            child.terminate()
            child.join()
        self._provider = StringContentProvider
        self._uuids = uuids
        self.finds('password = "kX9#mQ2$vL7p"')  # the model is loaded at its first use

    def finds(self, text: str, until: float = float("inf")) -> bool:
        """Return whether a text holds a secret.

        Raises:
            TooLate: it was not read to its end when the monotonic clock said ``until``.
        """
        lines = text.splitlines()
        for start in range(0, len(lines), _LINES):
            if monotonic() > until:
                raise TooLate
            if any(self._counts(each) for each in self._candidates(lines[max(0, start - _OVERLAP) : start + _LINES])):
                return True
        return False

    def _candidates(self, lines: Sequence[str]) -> Iterator[Any]:
        manager = self._sweeper.credential_manager
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # its string provider announces a change to come
                manager.set_credentials(self._sweeper.file_scan(self._provider(list(lines))))
            self._sweeper.post_processing(None)
            yield from manager.get_credentials()
        finally:
            manager.set_credentials([])

    def _counts(self, candidate: Any) -> bool:
        """Return whether a finding is one; what tier 1 knows to be harmless is harmless here too."""
        if candidate.rule_name == _UUID and not self._uuids:
            return False
        return not all(_is_harmless(each.value or "", each.line, each.value_start) for each in candidate.line_data_list)


def _is_harmless(value: str, line: str, start: int) -> bool:
    before = line[max(0, start - 40) : max(0, start)]
    return is_placeholder(value) or is_reference(value) or _NAMED_ID.search(before) is not None
