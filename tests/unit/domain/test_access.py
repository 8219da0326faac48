"""What each role opens; docs/access.md shows the same table."""

import re
from pathlib import Path

import pytest

from gateway.domain.access import RIGHTS, ROLES, Admin, roles_with

DOCS = Path(__file__).parents[3] / "docs" / "access.md"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_its_line_says_and_nothing_else(role):
    admin = Admin("ann", frozenset({role}))

    assert {right for right in set().union(*RIGHTS.values()) if admin.may(right)} == RIGHTS[role]


def test_several_roles_open_what_any_of_them_opens():
    admin = Admin("ann", frozenset({"viewer", "security"}))

    assert admin.may("policy")
    assert admin.may("audit")
    assert not admin.may("costs")


def test_security_alone_reads_evidence_and_the_list_of_changes():
    assert roles_with("evidence") == roles_with("audit") == ("security",)
    assert roles_with("costs") == ("lead", "finance")


def test_one_of_some_teams_sees_these_alone():
    lead = Admin("bob", frozenset({"lead"}), frozenset({"legal"}))

    assert [lead.sees("legal"), lead.sees("support"), Admin("ann", frozenset(ROLES)).sees("support")] == [1, 0, 1]


def test_the_table_of_the_docs_is_the_one_in_force():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)

    assert {role: set(re.findall(r"`(\w+)`", rights)) for role, rights in rows if role in ROLES} == RIGHTS
