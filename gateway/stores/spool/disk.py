"""A thread that waits for the disk, so that the event loop does not.

One thread and a queue: handing a call over costs a fraction of what an executor with its futures takes.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

Work = Callable[[], None]
Done = Callable[[BaseException | None], object]


class DiskThread:
    """Does one piece of work after the other, in the order in which they came."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[tuple[Work, Done] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    def do(self, work: Work, done: Done) -> None:
        """Let ``work`` be done; then ``done`` is called in the thread, with the error if it raised one."""
        self._asked.put((work, done))

    def close(self) -> None:
        """Return when all that was asked for is done, and end the thread."""
        self._asked.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            work, done = asked
            error: BaseException | None = None
            try:
                work()
            except BaseException as caught:  # noqa: BLE001 -- it is handed to who asked
                error = caught
            with suppress(RuntimeError):  # the event loop has ended: nobody waits any more
                done(error)
