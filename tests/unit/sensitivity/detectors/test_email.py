import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import detecting

from gateway.sensitivity.detectors.email import Email


def found(text: str) -> list[str]:
    return detecting.found(Email, text)


@pytest.mark.parametrize("address", ["ann@example.org", "a.b+c%d@sub.example.co.uk", "x_1@a-b.io", "Ann.O@EXAMPLE.ORG"])
@pytest.mark.parametrize("text", ["{}", "<{}>", "mailto:{}?x", "to {}, please", "({}).", "{}:"])
def test_addresses_are_found(address, text):
    assert found(text.format(address)) == [address]


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
    ],
)
def test_what_is_no_address_is_none(text):
    assert found(text) == []


def test_who_is_called_git_is_a_person_without_a_repository():
    assert found("write to git@example.org now") == ["git@example.org"]


@given(st.text(st.sampled_from("a1.-_+%"), max_size=300))
def test_what_is_found_holds_one_at(text):
    assert all(hit.count("@") == 1 for hit in found(text + "@" + text))
