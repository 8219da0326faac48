"""Numbers of accounts, customers, employees and members, by label."""
# ruff: noqa: E501, ISC004 -- a table

import re

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.labelled import labelled


class AccountNumber:
    """``account no. 12345678``, routing and sort codes, SWIFT codes, employee and policy numbers."""

    kind = "account_number"
    data_class = DataClass.CONFIDENTIAL
    categories = frozenset({Category.PII})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers."""
        self.triggers = (
            labelled(
                (
                    r"(?:bank |checking |savings |client )?accounts?(?: (?:numbers?|no|num|nr|#|id))?\b", r"acct\b", r"acc(?:num|t|ount no)?\b", r"insurance (?:number|no|id)", r"a/c\b",
                    r"routing (?:number|no|num|#)", r"aba (?:number|no|routing)", r"sort code", r"kontonummer",
                    r"kontonr", r"bankleitzahl", r"numero de cuenta", r"cuenta (?:bancaria|corriente)", r"konto\b",
                    r"(?:customer|client|employee|member|staff|personnel|policy|claim|insurance|subscriber|student|license plate|vehicle)"
                    r"[ -](?:policy |account )?(?:id|no|num|number|#|identifier)(?: (?:no|num|number))?", r"policy\b",
                    r"kundennummer", r"personalnummer", r"vin\b", r"n.?o? ?col\b", r"colegiad[oa]\b", r"num col\b",
                    r"case (?:no|num|number|#)", r"nocol\b", r"n\.? ?col\b",
                ),
                digits=6,
            ),
            labelled((r"swift\b", r"bic\b"), digits=0, value="(?P<hit>(?-i:[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?))\\b", check=_BIC),
        )  # fmt: skip


_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?").fullmatch
