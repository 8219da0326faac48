"""E-mail addresses: personal data where they name a person."""

import re
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import GLANCE, Hit, trigger

_LOCAL: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-\xdf\xe6\xf0\xfe"
"""Also the letters of German and Nordic languages that are not folded to ASCII."""
_DOMAIN: Final = re.compile(
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9_-])"
)
_LONGEST: Final = 64
_LONGEST_URL: Final = 2000
_FORGES: Final = re.compile(r"(?:.*\.)?(?:git[a-z]*|bitbucket|codeberg|sr|azure)\.[a-z.]+$|git\.")
_REMOTE: Final = frozenset({"git", "hg", "svn", "gitea", "org-git"})
_MACHINES: Final = re.compile(
    r"(?:no-?_?reply.*|do-?not-?reply|notifications?|mailer-daemon|postmaster|abuse|bounces?|root|daemon|github-actions"
    r"|dependabot|renovate|bot|\d+\+[\w-]+|.*\[bot\])",
    re.IGNORECASE,
)
"""Mailboxes of roles and machines (RFC 2142), wherever they are."""
_MANUALS: Final = re.compile(
    r"(?:you|your[._-]?(?:e?mail|name)|user(?:[._-]?name)?\d*|name|e?mail|test(?:er|ing|[._-]?user|[._-]?e?mail)?\d*|example|foo|bar"
    r"|someone|somebody|nobody|me|a|b|x|admin)",
    re.IGNORECASE,
)
"""What manuals write instead of a name."""
_NOBODYS: Final = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|org|net|edu)|localhost|localdomain|invalid|test|example|internal|lan|local"
    r"|users\.noreply\.github\.com|noreply\.[a-z.]+)",
    re.IGNORECASE,
)
"""Names set aside for manuals, tests and own networks (RFC 2606, RFC 6761): nobody can be written to there."""
_OF_MANUALS: Final = re.compile(
    r"(?:.*\.)?(?:test\.com|foo\.(?:com|bar)|bar\.com|domain\.(?:com|tld)|email\.com|company\.com|yourcompany\.com"
    r"|yourdomain\.com|mydomain\.com|contoso\.com|host\.com|gmail\.com|acme\.com|[a-z]\.(?:com|org|net))",
    re.IGNORECASE,
)
"""Names that manuals use in spite of it; real people have addresses there too."""
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
    r"[\s>|+*#-]{0,12}(?:(?:author|commit|committer|tagger|(?:[a-z]+-){1,4}by):?\s[^<>@\n]{0,100}<"  # of git
    r"|user:\s{6}[^<>@\n]{0,100}<"  # of Mercurial
    r"|\^?[0-9a-f]{7,40} (?:\S+\s+)?\(<"  # blame -e
    r"|\d{1,6}\t[^<>@\n]{1,100}<"  # shortlog -e
    r"|-- [^<>@\n]{1,100}<"  # changelogs of Debian
    r"|\d{4}-\d\d-\d\d  [^<>@\n]{1,100}<"  # of GNU
    r"|\* (?:mon|tue|wed|thu|fri|sat|sun) [a-z]{3} +\d\d? \d{4} [^<>@\n]{1,100}<)",  # of RPM
    re.IGNORECASE,
)
"""How version control and changelogs name who wrote something: a line of its own, the address in brackets."""
_PATCH: Final = re.compile(r"From [0-9a-f]{40} Mon Sep 17 00:00:00 2001\nFrom: [^<>@\n]{0,100}<")
_USER: Final = re.compile(r"[^\s/?#@\"'<>]*")
"""Who logs in, in a URL."""


class Email:
    """RFC 5322 addresses in their everyday form; git remotes (``git@host:``) and manuals' addresses are no person."""

    kind = "email"
    data_class = DataClass.CONFIDENTIAL
    likely_class = DataClass.CONFIDENTIAL
    categories = frozenset({Category.PII})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the trigger: decorators have nothing before their ``@``."""
        self.triggers = (trigger(r"[A-Za-z0-9_%+.\-\]\xdf\xe6\xf0\xfe]@[A-Za-z0-9]", _extract),)


def _extract(text: str, end: int) -> Hit | int | None:
    """Return the address around an ``@``."""
    at = end - 2
    domain = _DOMAIN.match(text, at)
    if domain is None:
        return GLANCE
    head = text[max(0, at - _LONGEST) : at]
    local = head[len(head.rstrip(_LOCAL)) :].lstrip(".")
    start = at - len(local)
    if not local or _is_credit(text, start, domain.end()):
        return _NO_PERSON
    if _is_nobodys(local, domain[1]) or _is_of_a_machine(text, start, local, domain):
        return None
    return Hit(start, domain.end())


_NO_PERSON: Final = 6
"""Steps to see that there is no name, or that an author is credited."""


def _is_nobodys(local: str, name: str) -> bool:
    """Return whether no person is meant: a machine's mailbox, or a manual's."""
    if _MACHINES.fullmatch(local) or "noreply" in name.lower() or _NOBODYS.fullmatch(name):
        return True
    return _OF_MANUALS.fullmatch(name) is not None and _MANUALS.fullmatch(local) is not None


def _is_of_a_machine(text: str, start: int, local: str, domain: "re.Match[str]") -> bool:
    """Return whether this is where to log in or to clone from: ``git@host:``, ``ssh://me@host/``, ``icon@2x.png``."""
    after = text[domain.end() : domain.end() + 2]
    if domain[1].rpartition(".")[2].lower() in _FILES or (after[:1] == ":" and local in _REMOTE):
        return True
    if local in _REMOTE and _FORGES.match(domain[1]):
        return True
    scheme = text.rfind("://", max(0, start - _LONGEST_URL), start)
    in_url = scheme >= 0 and _USER.fullmatch(text, scheme + 3, start) is not None
    return in_url or (after[:1] == ":" and after[1:] in {"~", "/"})


def _is_credit(text: str, start: int, end: int) -> bool:
    """Return whether a line of a version control's history names its author: ``Author: A <a@b.org>``."""
    if text[start - 1 : start] != "<" or text[end : end + 1] != ">":
        return False
    line = text.rfind("\n", max(0, start - 160), start) + 1
    if _CREDIT.fullmatch(text, line, start):
        return True
    above = text.rfind("\n", max(0, line - 80), max(0, line - 1)) + 1
    return _PATCH.fullmatch(text, above, start) is not None
