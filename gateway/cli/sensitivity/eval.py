"""What the detectors find of what is known to be there: counts by document and by span."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.cli.sensitivity.labelled_data import STRUCTURED, Row, is_held_out, mixed, read_rows, truth
from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import Scanner, scanner_for

_ALL: Final = "all rows"
Deeper = Callable[[str], bool]


@dataclass(slots=True)
class Score:
    """How often a document was rightly and wrongly called sensitive."""

    found: int = 0
    missed: int = 0
    false: int = 0
    right: int = 0

    def add(self, *, said: bool, is_so: bool) -> None:
        """Count one document."""
        if is_so:
            self.found += said
            self.missed += not said
        else:
            self.false += said
            self.right += not said

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Return found, missed, false and right."""
        return self.found, self.missed, self.false, self.right

    @property
    def rates(self) -> tuple[float, float, float, float]:
        """Return precision, recall, F1 and false-positive rate; what cannot be computed is 0."""
        precision, recall = _part(self.found, self.false), _part(self.found, self.missed)
        balance = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return precision, recall, balance, _part(self.false, self.right)


def _part(some: int, others: int) -> float:
    return some / (some + others) if some + others else 0.0


@dataclass(slots=True)
class Report:
    """All counts."""

    documents: dict[str, Score] = field(default_factory=dict)
    spans: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Source and label → how many were found, of how many."""

    def as_json(self) -> dict[str, Any]:
        """Return the report as data."""
        names = ("precision", "recall", "f1", "false_positive_rate")
        return {
            "documents": {
                name: {**asdict(score), **dict(zip(names, score.rates, strict=True))}
                for name, score in self.documents.items()
            },
            "spans": [
                {"source": source, "label": label, "found": hit, "of": total, "recall": hit / total}
                for (source, label), (hit, total) in self.spans.items()
            ],
        }


def evaluate(data: Path, split: str, prompts: int, deeper: Mapping[str, Deeper] | None = None) -> Report:
    """Scan rows of a split, and prompts mixed from them, with the default policy.

    ``deeper``: what looks at the texts in which tier 1 finds nothing, by its name.
    """
    rows = [row for row in read_rows(data) if split == "all" or is_held_out(row["id"]) == (split == "held-out")]
    scanner = scanner_for(SensitivitySpec())
    report = Report()
    found: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for row in rows:
        said = _is_sensitive(scanner, row)
        is_so = truth(row)
        if is_so is not None:
            for name in (row["src"], _ALL):
                report.documents.setdefault(name, Score()).add(said=said, is_so=is_so)
        for label, hit in _spans(scanner, row):
            for source in (row["src"], _ALL):
                for group in (label, "(all)"):
                    total[source, group] += 1
                    found[source, group] += hit
    report.documents = dict(sorted(report.documents.items()))
    report.spans = {key: (found[key], total[key]) for key in sorted(total)}
    if prompts and any(row["kind"] == "clean" for row in rows):
        _add_mixed(report, mixed(rows, prompts), scanner, deeper or {})
    return report


def _add_mixed(report: Report, rows: list[Row], scanner: Scanner, deeper: Mapping[str, Deeper]) -> None:
    """Count the mixed prompts: all of them, and without those whose only values are left alone on purpose."""
    for row in rows:
        said = _is_sensitive(scanner, row)
        names = {"mixed prompts": said}
        names |= {f"mixed prompts, {name}": said or finds(row["text"]) for name, finds in deeper.items()}
        for name, is_found in names.items():
            for part, left_out in _PARTS.items():
                if row["left_alone"] not in left_out:
                    score = report.documents.setdefault(name + part, Score())
                    score.add(said=is_found, is_so=row["pos"])


_PARTS: Final = {"": (), " (without examples)": ("examples",), " (without examples and UUIDs)": ("examples", "UUIDs")}
"""What is left out: addresses of example.com and published cards; rows whose only values are UUIDs."""


def _is_sensitive(scanner: Scanner, row: Row) -> bool:
    return scanner.scan(_asked(row)).label.data_class >= DataClass.CONFIDENTIAL


def _asked(row: Row) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": row["text"]}]}


def _spans(scanner: Scanner, row: Row) -> list[tuple[str, bool]]:
    """Return (label, found) of each structured span: any kind of finding on it counts."""
    known = [(start, end, label) for start, end, label in row["spans"] if label in STRUCTURED]
    if not known:
        return []
    kinds = frozenset(part.kind for part in scanner.scan(_asked(row)).parts)
    seen = scanner.spans(row["text"], kinds)
    return [(label, any(each.start < end and start < each.end for each in seen)) for start, end, label in known]
