from datetime import UTC, datetime
from typing import ClassVar

import pytest
from support.fakes import AT_NS, CARD, Clock, ask, inbound, policy
from support.replacing import replace

from gateway import scanning
from gateway.domain.exceptions import salted
from gateway.domain.label import Category, DataClass, Label
from gateway.domain.sensitivity import SensitivitySpec
from gateway.pipeline.inbound import Headers
from gateway.pipeline.label import DATA_CLASS_HEADER, labelled, scan
from gateway.pipeline.request import request_of
from gateway.pipeline.salt import Salt
from gateway.ports import Principal
from gateway.scanning import INLINE_BYTES
from gateway.stores.sessions.memory import MemorySessions

pytestmark = pytest.mark.anyio


async def found(text="Hello", declared=None, *, default="internal", grants=(), repeated=False, **changes):
    """The label of one request."""
    call = inbound(ask(text))
    values = dict(call.headers) | ({} if declared is None else {DATA_CLASS_HEADER: declared})
    headers = Headers(values, frozenset({DATA_CLASS_HEADER}) if repeated else frozenset())
    snapshot = policy(**{"teams": [{"id": "t", "default_class": default}]} | changes)
    principal = Principal("k", "t", frozenset(grants))
    request = request_of(replace(call, headers=headers), principal, snapshot.teams["t"], snapshot, ask(text))
    return await labelled(request, MemorySessions(Clock()), Salt(b"salt"), keep=True)


async def level(*args, **more) -> DataClass:
    return (await found(*args, **more)).label.data_class


class TestLabel:
    """Doubt goes upwards."""

    async def test_the_teams_default_is_the_floor(self):
        assert await level() is DataClass.INTERNAL

    async def test_what_was_found_raises_it(self):
        assert await level(CARD) is DataClass.RESTRICTED
        assert (await found(CARD, default="public")).label.categories == {Category.PCI}

    @pytest.mark.parametrize("declared", ["public", "internal"])
    async def test_the_header_alone_never_lowers(self, declared):
        assert await level(declared=declared) is DataClass.INTERNAL

    async def test_the_header_raises(self):
        assert await level(declared=" restricted ") is DataClass.RESTRICTED

    async def test_a_grant_lowers_below_the_default_but_never_below_what_was_found(self):
        assert await level(declared="public", grants=["declassify"]) is DataClass.PUBLIC
        assert await level(CARD, "public", grants=["declassify"]) is DataClass.RESTRICTED

    async def test_a_grant_never_goes_below_a_floor_of_the_policy(self):
        floors = [{"match": {"key": "k*"}, "class": "confidential", "categories": ["hr"], "regions": ["eu"]}]
        label = (await found(declared="public", grants=["declassify"], floors=floors)).label
        assert label == Label(DataClass.CONFIDENTIAL, frozenset({Category.HR}), frozenset({"eu"}))

    async def test_a_floor_holds_only_where_all_that_it_names_matches(self):
        floors = [{"match": {"key": "k*", "model": "hr-*"}, "class": "confidential"}]
        assert await level(floors=floors) is DataClass.INTERNAL

    async def test_a_grant_without_a_header_changes_nothing(self):
        assert await level(grants=["declassify"]) is DataClass.INTERNAL

    @pytest.mark.parametrize("declared", ["", "Public", "secret", "public, internal", "0", "\xb2"])
    @pytest.mark.parametrize("grants", [(), ("declassify",)])
    async def test_a_class_that_nobody_knows_is_the_highest(self, declared, grants):
        assert await level(declared=declared, grants=grants) is DataClass.RESTRICTED

    async def test_two_of_them_are_the_highest(self):
        assert await level(declared="public", repeated=True, grants=["declassify"]) is DataClass.RESTRICTED


class TestExceptions:
    """An exception holds for its team, its detectors, its values, from its start until its end."""

    GIVEN: ClassVar = {
        "id": "test-card", "owner": "ann", "reason": "the sandbox's card", "teams": ["t"], "detectors": ["credit_card"]
    }  # fmt: skip

    def exception(self, start=-10, end=10, **more):
        at = AT_NS // 10**9
        times = {"from": datetime.fromtimestamp(at + start, UTC), "until": datetime.fromtimestamp(at + end, UTC)}
        return [self.GIVEN | times | more]

    async def test_a_finding_does_not_count_and_the_use_is_reported(self):
        seen = await found(CARD, exceptions=self.exception())
        assert seen.label.data_class is DataClass.INTERNAL
        assert seen.excepted == ("test-card",)
        assert "exception:test-card" in [finding.detector for finding in seen.findings]

    @pytest.mark.parametrize(("start", "end"), [(-10, 0), (1, 10)])
    async def test_it_ends_to_the_second_without_a_reload(self, start, end):
        assert await level(CARD, exceptions=self.exception(start, end)) is DataClass.RESTRICTED

    async def test_only_its_values_are_excused(self):
        values = [salted(CARD, "s")]
        assert await level(CARD, exceptions=self.exception(values=values)) is DataClass.INTERNAL
        assert await level("5412 5684 9286 4787", exceptions=self.exception(values=values)) is DataClass.RESTRICTED


class TestScan:
    """Small requests are scanned at once, large ones in a thread."""

    @pytest.mark.parametrize("size", [10, INLINE_BYTES + 1])
    async def test_both_ways_find_the_same(self, size):
        found = await scan({"x": "4539 1488 0343 6467"}, SensitivitySpec(), size)
        assert found.label.data_class is DataClass.RESTRICTED

    async def test_a_scan_that_takes_too_long_is_the_highest_class(self, monkeypatch):
        monkeypatch.setattr(scanning, "SCAN_SECONDS", 0.0)
        spec = SensitivitySpec(on_unscannable=DataClass.INTERNAL)
        found = await scan({"x": "hello"}, spec, INLINE_BYTES + 1)
        assert found.label.data_class is DataClass.RESTRICTED
        assert found.text_bytes == INLINE_BYTES + 1
