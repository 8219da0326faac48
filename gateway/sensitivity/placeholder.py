"""What is written where a secret will be: ``<password>``, ``${TOKEN}``, ``changeme``; and how random a value is."""
# ruff: noqa: E501, SIM905 -- patterns and words are read more easily unbroken

import re
from math import log2
from typing import Final

from gateway.sensitivity.published_tokens import PUBLISHED

_WORDS: Final = re.compile(
    r"your[_-]?|my[_-]?(?:api|secret|token|pass|key)|change[_-]?(?:me|it|this)|replace[_-]?(?:me|with|this)|insert[_-]|place[_-]?holder|example"
    r"|dummy|sample|redacted|\bfake|\bmock|todo|fixme|not[_-]?(?:a[_-]?)?real|(?-i:xxx|XXX)|\*\*\*|\.\.\.|[\"'`]?\$\{|\{\{|%\(|\$\(|<%|%s(?![A-Za-z0-9])|#\{|@@|\bfoo|\bbar\b|lorem|goes[_-]?here"
    r"|00000000|aaaaaaaa|test[_-]?(?:key|token|secret|pass)|anonymous|anoncvs|process\.env|os\.environ|getenv",
    re.IGNORECASE,
)
_NAMES: Final = frozenset(
    "deprecated password passwd pass pwd secret token key apikey api_key username user admin root test testing guest none null nil true false undefined string"
    " str int bool bytes object any optional void default required changeme example value type text number enabled disabled hidden empty unknown"
    " login credentials postgres mysql redis rabbitmq pg tiger foobar foo bar baz qux hostname function object password1 password2 password3 pass1 pass2 vxnlcm5hbwu6 ugfzc3dvcmq6 new_password1 new_password2 password12 password123 abc123 asdf asdf1234 username1 test123 123456 12345678 1234567890 utf8 utf-8".split()
)  # fmt: skip
_COMPOSED: Final = re.compile(
    r"(?:(?:my|your|the|some|super|test|api|auth|user|db|admin|new|old|this|is|a|secret|password|passwd|token|key|pass|aws|sas|access|account|client|app|here)[-_ ]?)+",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"[$%{<(\[&*!]")


def is_placeholder(value: str) -> bool:
    """Return whether a value stands for one that is to come, or names where one is kept."""
    plain = value.strip("\"'`<>[](){} +*")
    if plain in PUBLISHED or plain.lower() in _NAMES or _COMPOSED.fullmatch(plain) or len(set(plain)) < 4:  # noqa: PLR2004 -- xxxx, ****, 0000
        return True
    return _WORDS.search(value) is not None


def entropy(value: str) -> float:
    """Return the bits a character of a value, by its own frequencies."""
    total = len(value)
    if not total:
        return 0.0
    counts = map(value.count, set(value))
    if total < len(_NLOG):
        return log2(total) - sum(map(_NLOG.__getitem__, counts)) / total
    return log2(total) - sum(_NLOG[min(count, len(_NLOG) - 1)] for count in counts) / total


_NLOG: Final = (0.0, *(count * log2(count) for count in range(1, 513)))


def is_reference(value: str) -> bool:
    """Return whether a value starts as a variable or an expression does."""
    return _REFERENCE.match(value) is not None


VARIABLE: Final = re.compile(
    r"[A-Za-z_]+(?:(?:\??\.|_|->|::)[A-Za-z_]+)+|[a-z]+[A-Z][A-Za-z]{0,40}|v?\d+(?:\.\d+)+(?:[-@].*)?"
)
"""What code calls a variable, or a version, and nobody a password."""
