"""A policy compiled in a process of its own is the policy, and its faults are the faults."""

import subprocess
import sys

import pytest

from gateway.bootstrap.compiling import canonical_of, compiled
from gateway.policy.load.build import build
from gateway.policy.load.errors import PolicyErrors
from gateway.settings import default_policies
from gateway.stores.policy.files import read_policies

FILES = read_policies(default_policies())


def test_what_comes_back_is_the_canonical_form():
    assert canonical_of(FILES) == compiled(FILES).canonical


def test_a_process_that_builds_it_decides_by_the_same_policy():
    assert build(canonical_of(FILES)).hash == compiled(FILES).hash


def test_every_fault_comes_back_with_its_place():
    files = [("p.yaml", "version: 2\nnew: 1\n")]
    with pytest.raises(PolicyErrors) as here:
        compiled(files)
    with pytest.raises(PolicyErrors) as apart:
        canonical_of(files)

    assert apart.value.errors == here.value.errors
    assert str(apart.value) == str(here.value)


def test_the_process_that_asks_loads_no_parser_and_no_prices():
    code = f"""
import sys
from gateway.bootstrap.compiling import canonical_of
canonical_of({FILES!r})
print([name for name in sys.modules if name in ("yaml", "gateway.pricing.book", "gateway.policy.load.compile")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
