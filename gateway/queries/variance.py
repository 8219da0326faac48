"""What groups did in two periods, taken apart into why the second cost something else."""

from collections.abc import Mapping
from typing import Literal

from gateway.reports import variance
from gateway.reports.span import Span
from gateway.stores.ledger.reader import LedgerReader, LedgerView

By = Literal["target", "model", "team"]


def variances(
    reader: LedgerReader, before: Span, after: Span, by: By, only: Mapping[str, str]
) -> list[variance.Variance]:
    """Return the difference of each group, the largest first.

    Args:
        reader: of the ledger.
        before: the first period.
        after: the one that is compared with it.
        by: what mix is a mix of.
        only: dimension of the reports → the one name in it that counts.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        return variance.variance(*[_works(view, span, by, only) for span in (before, after)])


def _works(view: LedgerView, span: Span, by: By, only: Mapping[str, str]) -> dict[str, variance.Work]:
    groups = view.cost_groups(span.from_ns, span.to_ns, (by,), only)
    return {name: variance.work_of(row) for (name,), row in groups.items()}
