"""Secrets that what is around them gives away; each place of a text is looked at once."""

import re

import pytest
from support.detecting import found

from gateway.sensitivity import around
from gateway.sensitivity.around import Manifests, Networks
from gateway.sensitivity.detectors.secret import Secret

DATA = "data:\n  password: bEJsOFA3cUlld01L\n"


class Counting:
    """A pattern that counts what it is asked for."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern, self.asked = pattern, 0

    def search(self, *where):
        self.asked += 1
        return self.pattern.search(*where)

    def match(self, *where):
        self.asked += 1
        return self.pattern.match(*where)


@pytest.mark.parametrize("text", [f"kind: Secret\n{DATA}", f"apiVersion: v1\n{DATA}kind: Secret\n"])
def test_the_data_of_a_secret_are_found_before_and_behind_its_kind(text):
    assert "password: bEJsOFA3cUlld01L" in found(Secret, text)


def test_the_data_of_another_document_are_none_of_a_secrets():
    assert Manifests()(f"{DATA}---\nkind: Secret\n---\n{DATA}", len(f"{DATA}---\nkind: Secret")) is None


def test_data_that_are_far_away_are_none_of_a_secrets():
    text = "kind: Secret\n" + "x\n" * 2000 + DATA
    assert Manifests()(text, len("kind: Secret")) is None


def test_a_text_without_data_is_read_once_however_many_kinds_it_names(monkeypatch):
    counting = Counting(around._DATA)
    monkeypatch.setattr(around, "_DATA", counting)
    text, manifests = "kind: Secret\n" * 500, Manifests()
    assert [manifests(text, end) for end in range(12, len(text), 13)] == [None] * 500
    assert counting.asked == 0


def test_a_networks_password_is_found():
    assert found(Secret, "WiFi: guests, password: sunny7meadow") == ["sunny7meadow"]


def test_each_name_of_a_network_is_looked_at_once(monkeypatch):
    counting = Counting(around._WIFI)
    monkeypatch.setattr(around, "_WIFI", counting)
    text, networks = "wifi key abc " * 300, Networks()
    assert [networks(text, end) for end in range(10, len(text), 13)] == [None] * 300
    assert counting.asked == 300
