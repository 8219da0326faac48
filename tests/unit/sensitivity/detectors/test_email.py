import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import detecting

from gateway.sensitivity.detectors.email import Email

ADDRESS = "karla.weiss@blue-heron.net"


def found(text: str) -> list[str]:
    return detecting.found(Email, text)


@pytest.mark.parametrize(
    "address",
    ["ann@blue-heron.net", "a.b+c%d@sub.blue-heron.co.uk", "x_1@a-b.io", "Ann.O@BLUE-HERON.NET", "groß@x1.de"],
)
@pytest.mark.parametrize(
    "text", ["{}", "<{}>", "mailto:{}?x", "to {}, please", "({}).", "{}:", "邮箱{}谢谢", "메일은 {}입니다"]
)
def test_addresses_are_found(address, text):
    assert found(text.format(address)) == [address]


@pytest.mark.parametrize(
    "text",
    [
        '{{"name": "Karla", "email":"{}","diagnosis":"T2DM"}}',
        "Email: {}",
        "user_id=91 email={} plan=pro",
        "GET /reset?email={} 200",
        "GET https://x.io?email={} 200",
        '{{"url":"https://x.io/1","to":"{}"}}',
        "Bug: ask {}",
        "Commit: please write to {} about the refund",
        "Copyright (c) 2026 {}",
        '"author": "Karla Weiss <{}>",',
        "Karla Weiss <{}>",
        "Maintainer: Karla Weiss <{}>",
        "User: Karla Weiss <{}>",
        "From: Karla Weiss <{}>",
    ],
)
def test_a_field_name_or_a_word_of_history_on_the_line_hides_no_address(text):
    assert found(text.format(ADDRESS)) == [ADDRESS]


@pytest.mark.parametrize(
    "line",
    [
        "commit 0123abc\nAuthor: Karla Weiss <{}>\nDate: Mon",
        "Author:     Karla Weiss <{}>\nCommit:     Karla Weiss <{}>",
        "    Signed-off-by: Karla Weiss <{}>",
        "> Co-authored-by: Karla Weiss <{}>",
        "author Karla Weiss <{}> 1700000000 +0100",
        "^0a1b2c3 (<{}> 2026-11-30 10:00:00 +0100 1) x",
        "    12\tKarla Weiss <{}>",
        "changeset:   1:0a1b\nuser:        Karla Weiss <{}>",
        " -- Karla Weiss <{}>  Mon, 30 Nov 2026 10:00:00 +0100",
        "* Mon Nov 30 2026 Karla Weiss <{}> - 1.2-3",
        "2026-11-30  Karla Weiss  <{}>\n\n\t* NEWS",
        "From " + "0a" * 20 + " Mon Sep 17 00:00:00 2001\nFrom: Karla Weiss <{}>\nSubject: x",
    ],
)
def test_who_wrote_a_line_of_history_is_excused(line):
    assert found(line.format(ADDRESS, ADDRESS)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no at",
        "git@github.com:org/repo.git",
        "@decorator",
        "a@b",
        "a@-b.org",
        "x @ y.org",
        "a@b.c",
        "v1@2.3",
        "@types/node",
        "https://user:pass@blue-heron.net/",
        "postgres://app@db.blue-heron.net/x",
    ],
)
def test_what_is_no_address_is_none(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.com",
        "ann@sub.example.org",
        "ann@corp.example",
        "ann@x.test",
        "ann@x.invalid",
        "test-user@gmail.com",
        "a@b.com",
    ],
)
@pytest.mark.parametrize("text", ["{}", "email={}", '"{}"', "to {}, please"])
def test_domains_and_names_of_examples_are_nobody(address, text):
    assert found(text.format(address)) == []


def test_who_is_called_git_is_a_person_without_a_repository():
    assert found("write to git@blue-heron.net now") == ["git@blue-heron.net"]


@given(st.text(st.sampled_from("a1.-_+%"), max_size=300))
def test_what_is_found_holds_one_at(text):
    assert all(hit.count("@") == 1 for hit in found(text + "@" + text))
