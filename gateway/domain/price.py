"""Rates, and which of them a call is charged at: by its date, its size and the tier it was served in."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

ServiceTier = Literal["", "batch", "flex", "priority"]
"""A vendor's tier of service; empty: the standard one."""

_FIRST: Final = ("input", "output", "cached_input", "cache_write", "source")
_LATER: Final = ("cache_write_1h", "audio_input", "image_input", "audio_output", "reasoning", "web_search")


@dataclass(frozen=True, slots=True)
class Price:
    """Rates in nano-dollars per million tokens, and where they come from.

    A rate that is None is that of the bucket around it: a cache write for an hour costs what a short one does, audio
    and images what text does, reasoning what output does.
    """

    input: int
    output: int
    cached_input: int
    cache_write: int
    """For five minutes, or as long as the vendor keeps it by default."""
    source: str
    """``yaml``, ``gpu`` or ``catalog:<dated snapshot>:<key>``; ``#<tier>`` follows where it is not the plain one."""
    cache_write_1h: int | None = None
    audio_input: int | None = None
    image_input: int | None = None
    audio_output: int | None = None
    reasoning: int | None = None
    web_search: int | None = None
    """Nano-dollars for one search; None: not billed apart."""
    dearest_input: int = field(init=False, compare=False, repr=False)
    """The most that a token of text costs on its way in."""
    dearest_media: int = field(init=False, compare=False, repr=False)
    """The most that any token costs on its way in, sound and pictures too."""
    dearest_output: int = field(init=False, compare=False, repr=False)
    """The most that a token costs on its way out."""

    def __post_init__(self) -> None:
        """Calculate once what every call at this price asks for."""
        text = max(self.input, self.cached_input, self.cache_write, self.cache_write_1h or 0)
        output = max(self.output, self.reasoning or 0, self.audio_output or 0)
        object.__setattr__(self, "dearest_input", text)
        object.__setattr__(self, "dearest_media", max(text, self.audio_input or 0, self.image_input or 0))
        object.__setattr__(self, "dearest_output", output)

    def as_json(self) -> dict[str, Any]:
        """Return plain data; rates that are not given are left out."""
        data: dict[str, Any] = {name: getattr(self, name) for name in _FIRST}
        return data | {name: rate for name in _LATER if (rate := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Tier:
    """Rates of calls with more than ``above`` input tokens in one tier of service."""

    service: ServiceTier
    above: int
    price: Price
    listed: Price | None = None
    """The same before a contract's discount; None: there is none."""

    def as_json(self) -> dict[str, Any]:
        """Return plain data; without a discount as it was before there were any."""
        listed = {} if self.listed is None else {"listed": self.listed.as_json()}
        return {"service": self.service, "above": self.above, "price": self.price.as_json(), **listed}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Tier":
        """Rebuild a tier from :meth:`as_json`."""
        listed = Price(**data["listed"]) if "listed" in data else None
        return cls(data["service"], data["above"], Price(**data["price"]), listed)


@dataclass(frozen=True, slots=True)
class GpuHour:
    """What an hour of our own hardware costs, however little it does, and what it could do."""

    bill: int
    """Nano-dollars, fully loaded."""
    tokens: int
    """Input and output tokens of a full hour."""
    gpus: float = 1


@dataclass(frozen=True, slots=True)
class TariffPeriod:
    """The tiers that hold from a moment on, until the next period."""

    start_ns: int
    tiers: tuple[Tier, ...]
    planned: Price | None = None
    """Rates to rank by, if those of ``tiers`` are fully loaded ones."""
    hour: GpuHour | None = None

    def pick(self, input_tokens: int, service: ServiceTier) -> Tier:
        """Return the tier of a call: of its own tier of service if that has one for its size, else a standard one."""
        if len(self.tiers) == 1 and not self.tiers[0].above:
            return self.tiers[0]
        fits = [tier for tier in self.tiers if not tier.above or input_tokens > tier.above]
        own = [tier for tier in fits if tier.service == service]
        return max(own or [tier for tier in fits if not tier.service], key=lambda tier: tier.above)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What is charged, by date and tier. Every period has a standard tier for calls of any size."""

    periods: tuple[TariffPeriod, ...] = ()
    """In the order of time."""

    def route(self, at_ns: int, input_tokens: int, service: ServiceTier, otherwise: Price) -> Price:
        """Return the rates to rank a call by: planned ones, so that idle hardware does not look expensive."""
        period = self.period(at_ns)
        if period is None:
            return otherwise
        return period.planned or period.pick(input_tokens, service).price

    def charge(self, at_ns: int, input_tokens: int, service: ServiceTier, otherwise: Price) -> Price:
        """Return the rates of a call; ``otherwise`` of one from before the first period."""
        period = self.period(at_ns)
        return otherwise if period is None else period.pick(input_tokens, service).price

    def listed(self, at_ns: int, input_tokens: int, service: ServiceTier, otherwise: Price) -> Price:
        """Return the list rates of a call: those of :meth:`charge` before a contract's discount."""
        period = self.period(at_ns)
        if period is None:
            return otherwise
        tier = period.pick(input_tokens, service)
        return tier.listed or tier.price

    def reachable(
        self, at_ns: int, most_input_tokens: int, service: ServiceTier, until_ns: int = 0
    ) -> tuple[Price, ...]:
        """Return the rates of all tiers that a call of at most so many input tokens can be in; empty: none is known.

        With ``until_ns`` those of all periods that hold at any time in ``[at, until)``.
        """
        first = self.period(at_ns)
        if first is None:
            return ()
        wanted = (service, "")
        return tuple(
            [
                tier.price
                for period in self.periods
                if period is first or at_ns < period.start_ns < until_ns
                for tier in period.tiers
                if tier.service in wanted and (not tier.above or most_input_tokens > tier.above)
            ]
        )

    def period(self, at_ns: int) -> TariffPeriod | None:
        """Return the period that a time is in; None before the first."""
        for period in reversed(self.periods):
            if period.start_ns <= at_ns:
                return period
        return None

    def as_json(self) -> list[dict[str, Any]]:
        """Return plain data."""
        return [
            {
                "start": period.start_ns,
                "tiers": [tier.as_json() for tier in period.tiers],
                "planned": None if period.planned is None else period.planned.as_json(),
                "hour": None if period.hour is None else asdict(period.hour),
            }
            for period in self.periods
        ]

    @classmethod
    def from_json(cls, data: list[dict[str, Any]]) -> "Tariff":
        """Rebuild a tariff from :meth:`as_json`."""
        return cls(
            tuple(
                [
                    TariffPeriod(
                        one["start"],
                        tuple([Tier.from_json(tier) for tier in one["tiers"]]),
                        None if one["planned"] is None else Price(**one["planned"]),
                        None if one["hour"] is None else GpuHour(**one["hour"]),
                    )
                    for one in data
                ]
            )
        )
