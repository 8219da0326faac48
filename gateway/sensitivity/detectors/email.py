"""E-mail addresses: personal data where they name a person."""

import re
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import Hit, trigger

_LOCAL: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-"
_DOMAIN: Final = re.compile(
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9_-])"
)
_LONGEST: Final = 64
_FORGES: Final = re.compile(r"(?:.*\.)?(?:git[a-z]*|bitbucket|codeberg|sr|azure)\.[a-z.]+$|git\.")
_QUOTES: Final = frozenset("\"'`")
_REMOTE: Final = frozenset({"git", "hg", "svn", "gitea", "org-git"})
_MACHINES: Final = re.compile(
    r"(?:no-?_?reply.*|do-?not-?reply|notifications?|mailer-daemon|postmaster|abuse|bounces?|root|daemon|github-actions"
    r"|dependabot|renovate|bot|\d+\+[\w-]+|.*\[bot\])",
    re.IGNORECASE,
)
"""Mailboxes of roles and machines (RFC 2142), wherever they are."""
_MANUALS: Final = re.compile(
    r"(?:you|your[._-]?(?:e?mail|name)|user(?:name)?\d*|name|e?mail|test(?:er|ing|user)?\d*|example|foo|bar|someone|somebody"
    r"|nobody|me|a|b|x|admin)",
    re.IGNORECASE,
)
"""What manuals write instead of a name."""
_NOBODYS: Final = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|org|net|edu)|localhost|local|localdomain|invalid|test|example|internal|lan"
    r"|users\.noreply\.github\.com|noreply\.[a-z.]+|test\.com|foo\.(?:com|bar)|bar\.com|domain\.(?:com|tld)|email\.com"
    r"|company\.com|yourcompany\.com|yourdomain\.com|mydomain\.com|contoso\.com|sentry\.io|host\.com)",
    re.IGNORECASE,
)
"""Names set aside for manuals and tests (RFC 2606, RFC 6761), and those that manuals use in spite of it."""
_FILES: Final = frozenset(
    {
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "js",
        "ts",
        "tsx",
        "jsx",
        "css",
        "py",
        "service",
        "git",
        "md",
        "json",
        "html",
    }
)
_CREDIT: Final = re.compile(
    r"(?:\b(?:author|committer|commit|tagger|merge|signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by"
    r"|suggested-by|maintainers?|authors?|contributors?|packager|uploaders?|changed-by|bugs?|email|url|copyright)\b"
    r"[\"'\s]{0,3}[:=]|\(c\)|\xa9|copyright|@author|@license|authors?\s*=\s*\[|^\s{0,4}from:? )",
    re.IGNORECASE,
)
"""How code and its history name who wrote it, in public more often than not."""


class Email:
    """RFC 5322 addresses in their everyday form; git remotes (``git@host:``) and manuals' addresses are no person."""

    kind = "email"
    data_class = DataClass.CONFIDENTIAL
    likely_class = DataClass.CONFIDENTIAL
    categories = frozenset({Category.PII})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the trigger: decorators have nothing before their ``@``."""
        self.triggers = (trigger(r"[A-Za-z0-9_%+.\-\]]@[A-Za-z0-9]", _extract),)


def _extract(text: str, end: int) -> Hit | None:
    """Return the address around an ``@``."""
    at = end - 2
    domain = _DOMAIN.match(text, at)
    if domain is None:
        return None
    head = text[max(0, at - _LONGEST) : at]
    local = head[len(head.rstrip(_LOCAL)) :].lstrip(".")
    start = at - len(local)
    if not local or _is_nobodys(text, start, local, domain) or _is_of_a_machine(text, start, local, domain):
        return None
    return None if _is_credit(text, start) else Hit(start, domain.end())


def _is_nobodys(text: str, start: int, local: str, domain: "re.Match[str]") -> bool:
    """Return whether no person is meant: a machine's mailbox, a manual's, or an example in quotes."""
    name = domain[1]
    if _MACHINES.fullmatch(local) or "noreply" in name.lower():
        return True
    quoted = text[start - 1 : start] in _QUOTES and text[domain.end() : domain.end() + 1] in _QUOTES
    examples = _NOBODYS.fullmatch(name) is not None
    return examples and (quoted or _MANUALS.fullmatch(local) is not None)


def _is_of_a_machine(text: str, start: int, local: str, domain: "re.Match[str]") -> bool:
    """Return whether this is where to log in or to clone from: ``git@host:``, ``ssh://me@host/``, ``icon@2x.png``."""
    after = text[domain.end() : domain.end() + 2]
    if domain[1].rpartition(".")[2].lower() in _FILES or (after[:1] == ":" and local in _REMOTE):
        return True
    if local in _REMOTE and _FORGES.match(domain[1]):
        return True
    return text[max(0, start - 3) : start] == "://" or (after[:1] == ":" and after[1:] in {"~", "/"})


def _is_credit(text: str, start: int) -> bool:
    """Return whether a line of history, of a package or of a licence names its author: ``Author: A <a@b.org>``."""
    line = text.rfind("\n", max(0, start - 160), start) + 1 or max(0, start - 160)
    return _CREDIT.search(text, line, start) is not None
