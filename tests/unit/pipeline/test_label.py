import pytest

from gateway.domain.label import Category, DataClass, Label
from gateway.domain.sensitivity import SensitivitySpec
from gateway.domain.team import Team
from gateway.pipeline import label as module
from gateway.pipeline.inbound import Headers
from gateway.pipeline.label import DATA_CLASS_HEADER, INLINE_BYTES, label, scan
from gateway.ports import Principal

pytestmark = pytest.mark.anyio

FOUND = Label(DataClass.CONFIDENTIAL, frozenset({Category.PII}))
NOTHING = Label()


def level(found=NOTHING, declared=None, *, default=DataClass.INTERNAL, grants=(), repeated=False) -> DataClass:
    headers = Headers(
        {} if declared is None else {DATA_CLASS_HEADER: declared},
        frozenset({DATA_CLASS_HEADER}) if repeated else frozenset(),
    )
    return label(found, Team("t", default), Principal("k", "t", frozenset(grants)), headers).data_class


class TestLabel:
    """Doubt goes upwards."""

    def test_the_teams_default_is_the_floor(self):
        assert level() is DataClass.INTERNAL

    def test_what_was_found_raises_it(self):
        assert level(FOUND) is DataClass.CONFIDENTIAL
        assert label(FOUND, Team("t", DataClass.PUBLIC), Principal("k", "t"), Headers({}, frozenset())) == FOUND

    @pytest.mark.parametrize("declared", ["public", "internal"])
    def test_the_header_alone_never_lowers(self, declared):
        assert level(declared=declared) is DataClass.INTERNAL

    def test_the_header_raises(self):
        assert level(declared=" restricted ") is DataClass.RESTRICTED

    def test_a_grant_lowers_below_the_default_but_never_below_what_was_found(self):
        assert level(declared="public", grants=["declassify"]) is DataClass.PUBLIC
        assert level(FOUND, "public", grants=["declassify"]) is DataClass.CONFIDENTIAL

    def test_a_grant_without_a_header_changes_nothing(self):
        assert level(grants=["declassify"]) is DataClass.INTERNAL

    @pytest.mark.parametrize("declared", ["", "Public", "secret", "public, internal", "0", "\xb2"])
    @pytest.mark.parametrize("grants", [(), ("declassify",)])
    def test_a_class_that_nobody_knows_is_the_highest(self, declared, grants):
        assert level(declared=declared, grants=grants) is DataClass.RESTRICTED

    def test_two_of_them_are_the_highest(self):
        assert level(declared="public", repeated=True, grants=["declassify"]) is DataClass.RESTRICTED


class TestScan:
    """Small requests are scanned at once, large ones in a thread."""

    @pytest.mark.parametrize("size", [10, INLINE_BYTES + 1])
    async def test_both_ways_find_the_same(self, size):
        found = await scan({"x": "4111 1111 1111 1111"}, SensitivitySpec(), size)
        assert found.label.data_class is DataClass.RESTRICTED

    async def test_a_scan_that_takes_too_long_is_the_highest_class(self, monkeypatch):
        monkeypatch.setattr(module, "SCAN_SECONDS", 0.0)
        spec = SensitivitySpec(on_unscannable=DataClass.INTERNAL)
        found = await scan({"x": "hello"}, spec, INLINE_BYTES + 1)
        assert found.label.data_class is DataClass.RESTRICTED
        assert found.text_bytes == INLINE_BYTES + 1
