"""Numbers of accounts, customers, employees and members, by label."""
# ruff: noqa: E501, ISC004 -- a table

import re

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import ALNUM, DIGITS, Hit, Outcome, Trigger, before, trigger
from gateway.sensitivity.labelled import labelled
from gateway.sensitivity.near import Shape, near

_SSN = re.compile(r"ssn|social security")
_UPI_HANDLES = r"ok(?:sbi|axis|icici|hdfcbank)|ybl|ibl|axl|apl|paytm|upi"
"""Payment service providers of India's UPI, as its operator (NPCI) lists them: an address there is a bank account."""
_UPI = re.compile(rf"[\w.-]{{3,64}}@(?:{_UPI_HANDLES})(?![\w.-]*\w)", re.IGNORECASE | re.ASCII)


_LOCAL_WORDS = (
    *("账号", "帐号", "账户", "帐户", "賬號", "帳號", "帳戶", "口座", "계좌", "บัญชี", "حساب", "खाता", "счет", "счёт", "рахун", "λογαριασμ"),
    *("hesap no", "conta corrente", "conta bancária", "numéro de compte", "número de cuenta", "số tài khoản", "rekeningnummer"),
    *("nomor rekening", "no. rekening", "numer konta", "numer rachunku"),
)  # fmt: skip


class AccountNumber:
    """``account no. 12345678``, routing and sort codes, SWIFT codes, UPI addresses, employee and policy numbers."""

    kind = "account_number"
    data_class = DataClass.CONFIDENTIAL
    likely_class = DataClass.CONFIDENTIAL
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
                    r"[ -](?:policy |account )?(?:id|no|num|number|#|identifier)(?: (?:no|num|number))?",
                    r"kundennummer", r"personalnummer", r"vin\b", r"n.?o? ?col\b", r"colegiad[oa]\b", r"num col\b",
                    r"case (?:no|num|number|#)", r"id numbers?\b", r"(?:loan|wallet|pension|tax|portfolio|brokerage|trading|deposit) (?:account|id|no|number)", r"nocol\b", r"n\.? ?col\b",
                ),
                digits=6,
            ),
            labelled(
                (
                    r"(?:insurance|customer|client|employee|member|staff|personnel|policy|claim|subscriber|student|loan) (?:id(?: (?:no|num|number))?|numbers?|no|#)",
                    r"(?:account|acct|customer|client|employee|member|staff|policy|claim|insurance|subscriber|student|routing|loan)[_-]?(?:number|num|no|nr)(?:\b|_)",
                    r"(?:employee|insurance|student|policy)[_-]?id(?:\b|_)",
                    r"iban\b",  # one with a typing error is somebody's still
                ),
                digits=5,
            ),
            *near(_LOCAL_WORDS, (Shape(r"\d(?:[ -]?\d){6,22}"),)),
            trigger(r"\b(?:account|acct) ?(?:numbers? |no\.? |# ?)?(?:ending |ends |is |[:=] ?)?(?:in |with |on )?(?:[*x#-]{2,16}|x|\*)[0-9]{3,4}\b", _last_digits, caseless=True),
            trigger(r"\baccounts? (?:numbers? |no\.? )?(?:ending|ends) (?:in |with |on )?[0-9]{3,4}\b", _last_digits, caseless=True),
            trigger(r"(?:x{3}|\*{3})-(?:xx|\*\*)-[0-9]{4}", _last_of_ssn, caseless=True),
            _alone(labelled((r"swift\b", r"bic\b"), digits=0, value="(?P<hit>(?-i:[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?))\\b", check=_BIC)),
            trigger(rf"[\w.-]@(?:{_UPI_HANDLES})\b", _payment_address, caseless=True),
        )  # fmt: skip


_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?").fullmatch


_LISTED = re.compile(r"[\"'`]?\s{0,8}[|,]\s{0,40}[\"'`]?[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b", re.ASCII)


def _alone(found: Trigger) -> Trigger:
    """Return a trigger that leaves alone the first of several codes: a list of banks says nothing about an account."""

    def extract(text: str, end: int) -> Outcome:
        hit = found.extract(text, end)
        return None if isinstance(hit, Hit) and _LISTED.match(text, hit.end) else hit

    return Trigger(found.pattern, extract)


def _last_digits(text: str, end: int) -> Hit:
    """Return the digits that are left of a masked number: with a name beside them they still find the account."""
    start = end
    while text[start - 1] in DIGITS:
        start -= 1
    return Hit(start, end)


def _last_of_ssn(text: str, end: int) -> Hit | None:
    """Return the last four digits of a masked SSN: banks ask for just these. Formats in manuals name no holder."""
    start = end - 11
    return Hit(start, end) if _SSN.search(before(text, start, 60)) and text[end : end + 1] not in ALNUM else None


def _payment_address(text: str, end: int) -> Hit | None:
    start = end
    while start > max(0, end - _LONGEST_ADDRESS) and (text[start - 1] in ALNUM or text[start - 1] in "._-@"):
        start -= 1
    match = _UPI.match(text, start)
    return Hit(*match.span()) if match else None


_LONGEST_ADDRESS = 80
