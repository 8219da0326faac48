"""Private keys and the API keys of common vendors, by the shapes that their own documentation gives."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import Hit, matches

_TOKENS: Final[tuple[tuple[str, str], ...]] = (
    # (a literal that must stand in the text, the shape)
    ("sk-ant-", r"sk-ant-[A-Za-z0-9_-]{20,}"),
    ("sk-", r"sk-(?!ant-)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}"),
    ("gwk_", r"gwk_[A-Za-z0-9]{4,32}_[A-Za-z0-9_-]{43}"),
    ("AKIA", r"AKIA[A-Z2-7]{16}"),
    ("ASIA", r"ASIA[A-Z2-7]{16}"),
    ("gh", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    ("github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("glpat-", r"glpat-[A-Za-z0-9_-]{20,}"),
    ("xox", r"xox[abprs]-[A-Za-z0-9-]{10,}"),
    ("_live_", r"[rs]k_live_[A-Za-z0-9]{20,}"),
    ("AIza", r"AIza[A-Za-z0-9_-]{35}"),
    ("hf_", r"hf_[A-Za-z0-9]{34,}"),
    ("npm_", r"npm_[A-Za-z0-9]{36}"),
    ("SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    ("eyJ", r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
)
_PRIVATE_KEY: Final = ("PRIVATE KEY", re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"))
_SHAPES: Final = (
    _PRIVATE_KEY,
    *((literal, re.compile(rf"(?<![A-Za-z0-9_-]){shape}")) for literal, shape in _TOKENS),
)


class Secret:
    """PEM private keys, JWTs, and keys of OpenAI, Anthropic, AWS, GitHub, GitLab, Slack, Stripe, Google, and more."""

    kind = "secret"
    data_class = DataClass.RESTRICTED
    categories = frozenset({Category.SECRET})
    min_digits = 0

    def scan(self, text: str) -> Iterator[Hit]:
        """Yield each key; a shape is only looked for where its fixed part stands."""
        for literal, shape in _SHAPES:
            if literal in text:
                yield from matches(shape, text)
