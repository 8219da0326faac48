"""Agents that work through masking get what they would without it: a small `make test-real-masking`."""

import pytest
from real.masked import edits, loop, tasks
from real.masked.lab import Way
from support.fakes import CHAT, MESSAGES

pytestmark = pytest.mark.anyio


async def test_edits_of_real_lines_with_masked_values_make_the_same_bytes(tmp_path):
    found = await edits.compare(40, 3, tmp_path)
    assert found.same[edits.IN_PLACE] == found.total[edits.IN_PLACE] == 40
    assert len(found.moved) <= 1
    assert found.total[edits.MOVED] - found.same[edits.MOVED] <= 3  # which language it is can only be guessed


async def test_tasks_are_answered_as_well(tmp_path):
    asked = tasks.tasks(24, 3, tasks.RULES)
    right = [await tasks.right(asked, Way(tmp_path / str(masking), masking=masking), 3) for masking in (False, True)]
    assert [sum(one[name] for name in tasks.RULES) for one in right] == [24, 24]
    assert right[1]["masked"] == 24


@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
async def test_the_vendor_has_as_much_of_a_tool_loop_cached(dialect, tmp_path):
    plain, masked = await loop.compare(dialect, 1, 3, tmp_path)
    assert masked.masked > 10
    assert abs(plain.share - masked.share) <= 0.01
