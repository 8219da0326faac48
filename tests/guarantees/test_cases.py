"""Each case of sensitivity that trips gateways, on a whole one."""

import pytest
from guarantees.cases import CASES
from support.lab import Lab

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", CASES)
async def test_case(name, tmp_path):
    await CASES[name](Lab(tmp_path))


def test_every_number_of_the_list_has_a_case():
    numbers = {int(name.split()[0].rstrip("bcd")) for name in CASES}
    assert numbers >= set(range(1, 45))
