"""Counters, histograms and gauges that are kept in plain numbers, for what is counted at every request.

prometheus_client takes a lock for each number and looks each child up by its labels. Nothing here is shared between
threads, so neither is needed; what a scrape shows is the same.
"""

import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import INF, floatToGoString

Labels = tuple[str, ...]
"""Values of labels, in the order of their names."""


class Tally(Collector):
    """A counter with labels."""

    def __init__(self, name: str, text: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._name, self._text, self._labels = name.removesuffix("_total"), text, labels
        self._values: dict[Labels, float] = {}
        self._created: dict[Labels, float] = {}
        registry.register(self)

    def add(self, labels: Labels, amount: float = 1.0) -> None:
        """Add to what was counted under these labels."""
        if labels in self._values:
            self._values[labels] += amount
        else:
            self._values[labels] = 0.0 + amount
            self._created[labels] = time.time()

    def collect(self) -> Iterator[Metric]:
        """Yield the one metric, as prometheus_client does."""
        metric = CounterMetricFamily(self._name, self._text, labels=self._labels)
        shown = _shows_created()
        for labels, value in self._values.items():
            metric.add_metric(labels, value, self._created[labels] if shown else None)
        yield metric


class Spread(Collector):
    """A histogram with labels, of values that are not negative."""

    def __init__(
        self, name: str, text: str, labels: Sequence[str], bounds: Iterable[float], registry: CollectorRegistry
    ) -> None:
        self._name, self._text, self._labels = name, text, labels
        self._bounds: Final = [*bounds, INF]
        self._names = {bound: str(floatToGoString(bound)) for bound in self._bounds}  # type: ignore[no-untyped-call]
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        self._created: dict[Labels, float] = {}
        registry.register(self)

    def observe(self, labels: Labels, value: float) -> None:
        """Note a value under these labels."""
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = [0] * len(self._bounds)
            self._sums[labels] = 0.0
            self._created[labels] = time.time()
        counts[bisect_left(self._bounds, value)] += 1
        self._sums[labels] += value

    def collect(self) -> Iterator[Metric]:
        """Yield the one metric, as prometheus_client does."""
        metric = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        shown = _shows_created()
        for labels, counts in self._counts.items():
            so_far, buckets = 0, []
            for bound, count in zip(self._bounds, counts, strict=True):
                so_far += count
                buckets.append((self._names[bound], so_far))
            metric.add_metric(labels, buckets, self._sums[labels])
            if shown:
                own = dict(zip(self._labels, labels, strict=True))
                metric.add_sample(self._name + "_created", own, self._created[labels])
        yield metric


class Level(Collector):
    """A gauge without labels that goes up and down."""

    def __init__(self, name: str, text: str, registry: CollectorRegistry) -> None:
        self._name, self._text = name, text
        self.value = 0
        registry.register(self)

    def inc(self, amount: int = 1) -> None:
        """Go up."""
        self.value += amount

    def dec(self, amount: int = 1) -> None:
        """Go down."""
        self.value -= amount

    def collect(self) -> Iterator[Metric]:
        """Yield the one metric, as prometheus_client does."""
        yield GaugeMetricFamily(self._name, self._text, value=self.value)


def _shows_created() -> bool:
    """Return whether prometheus_client shows when a series began: a variable of the environment turns it off."""
    (probe,) = Counter("probe", "", registry=None).collect()
    return any(sample.name.endswith("_created") for sample in probe.samples)
