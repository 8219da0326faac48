"""E-mail addresses: personal data where they name a person."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import Hit, matches

_ADDRESS: Final = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![\w-])"
)
_GIT_REMOTE: Final = re.compile(r"^(?:git|hg|svn)@[^\s:]+$")


class Email:
    """RFC 5322 addresses in their everyday form; git remotes (``git@host:``) are no person."""

    kind = "email"
    data_class = DataClass.CONFIDENTIAL
    categories = frozenset({Category.PII})
    min_digits = 0

    def scan(self, text: str) -> Iterator[Hit]:
        """Yield each address."""
        if "@" not in text:
            return
        for hit in matches(_ADDRESS, text):
            remote = text[hit.end : hit.end + 1] == ":" and _GIT_REMOTE.match(text[hit.start : hit.end])
            if not remote:
                yield hit
