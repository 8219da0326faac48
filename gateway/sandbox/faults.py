"""All the ways in which an upstream can go wrong on demand, and for how many requests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

_HEADER_SEPARATOR = ","


class InvalidFault(ValueError):
    """A fault has an unknown name or a value that does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is broken. A count of chunks counts server-sent events, whatever they hold.

    Attributes:
        status: Answer with this status and the vendor's error body; 429 has `retry-after`.
        hang: Accept, take a slot, and never answer.
        hang_after: Send so many chunks, then nothing more.
        cut: Send so many chunks and half of the next, then close the connection.
        no_done: End the stream without `[DONE]` or `message_stop`.
        garbage: 200 with a body, or events, that are not JSON.
        wrong_content_type: 200 with a page of HTML.
        slow_first: Wait so many seconds before the first byte.
        error_first_event: 200, then an error event and nothing else.
        error_event_after: Send so many chunks, then an error event.
        no_usage: Leave usage out.
        crlf: End the lines of events with CR LF.
        tiny_writes: Write two bytes at a time.
        probes: The faults hold for all other endpoints too, as far as they can.
        times: The faults hold only for so many requests.
    """

    status: int | None = None
    hang: bool = False
    hang_after: int | None = None
    cut: int | None = None
    no_done: bool = False
    garbage: bool = False
    wrong_content_type: bool = False
    slow_first: float = 0.0
    error_first_event: bool = False
    error_event_after: int | None = None
    no_usage: bool = False
    crlf: bool = False
    tiny_writes: bool = False
    probes: bool = False
    times: int | None = None

    @classmethod
    def parse(cls, specs: Sequence[str]) -> "Faults":
        """Read faults as given on the command line, `NAME` or `NAME=VALUE` each.

        Raises:
            InvalidFault: A name is unknown or a value does not fit.
        """
        values: dict[str, Any] = {}
        for spec in specs:
            name, given, value = spec.strip().partition("=")
            values[name.strip().replace("-", "_")] = value.strip() if given else True
        return cls.of(values)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Faults":
        """Read faults as given in JSON.

        Raises:
            InvalidFault: A name is unknown or a value does not fit.
        """
        return cls(**{name: _read(name, value) for name, value in values.items()})

    @classmethod
    def of_header(cls, header: str) -> "Faults":
        """Read faults from `x-sandbox-fault`, separated by commas."""
        return cls.parse(header.split(_HEADER_SEPARATOR))

    def as_json(self) -> dict[str, Any]:
        """Return what is broken, and nothing that is not."""
        usual = asdict(Faults())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}

    @property
    def event_limit(self) -> int | None:
        """After how many events the stream goes wrong, if it does."""
        limits = (self.hang_after, self.cut, self.error_event_after, 0 if self.error_first_event else None)
        return min((limit for limit in limits if limit is not None), default=None)


FAULT_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Faults))
NO_FAULTS = Faults()


class FaultBoard:
    """The faults in force, and how many requests they still hold for."""

    def __init__(self, initial: Faults) -> None:
        self._initial = initial
        self._current = initial

    @property
    def current(self) -> Faults:
        """The faults that the next request meets; `times` is what is left."""
        return self._current

    def set(self, faults: Faults) -> None:
        """Break other things from now on."""
        self._current = faults

    def reset(self) -> None:
        """Go back to the faults of the start."""
        self._current = self._initial

    def take(self, *, probe: bool) -> Faults:
        """Return the faults for one request, and count it."""
        faults = self._current
        if (probe and not faults.probes) or faults == NO_FAULTS:
            return NO_FAULTS
        if faults.times is None:
            return faults
        if faults.times <= 0:
            return NO_FAULTS
        self._current = replace(faults, times=faults.times - 1)
        return faults


def _flag(value: Any) -> bool:
    readings = {"true": True, "1": True, "false": False, "0": False}
    return readings[str(value).lower()]


def _natural(value: Any) -> int:
    if isinstance(value, bool) or (number := int(value)) < 0:
        raise ValueError("not a number of at least 0")
    return number


def _status(value: Any) -> int:
    status = _natural(value)
    if status not in range(400, 600):
        raise ValueError("not an error status")
    return status


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= (seconds := float(value)) < float("inf"):
        raise ValueError("not a number of seconds")
    return seconds


_READERS: dict[str, Callable[[Any], Any]] = {
    "status": _status,
    "hang_after": _natural,
    "cut": _natural,
    "error_event_after": _natural,
    "times": _natural,
    "slow_first": _seconds,
}


def _read(name: str, value: Any) -> Any:
    if name not in FAULT_NAMES:
        raise InvalidFault(f"unknown fault {name!r}; known are {', '.join(FAULT_NAMES)}")
    reader: Callable[[Any], Any] = _READERS.get(name, _flag)
    try:
        return reader(value)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidFault(f"fault {name}: {value!r} does not fit") from error
