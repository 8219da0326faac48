"""What a process does with its memory once it has started."""

import ctypes
import gc
from contextlib import suppress
from typing import Final

YOUNG: Final = 5_000
"""So many new objects may be there before the collector looks for cycles among them."""
OLDER: Final = 10
"""And as many times before it looks at those of the time before, as Python does by itself."""


def settle(young: int = YOUNG) -> None:
    """Take what the start has made out of the garbage collector's sight: it lives as long as the process.

    The collector would go over all of it again and again, and stop the event loop for 30 milliseconds each time. What
    the start has freed goes back to the system: compiling the patterns for the first time takes 30 MB.

    Python looks for cycles whenever there are 700 objects more than before. A few dozen calls at once have as many
    without any cycle, and the looking took six percent of a request's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, OLDER, OLDER)
    with suppress(OSError, AttributeError):  # only glibc can
        ctypes.CDLL(None).malloc_trim(0)
