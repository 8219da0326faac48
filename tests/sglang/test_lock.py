"""The lock of SGLang's environment is complete, but for what excludes.txt and overrides.txt name with a reason."""

import os
from pathlib import Path

import pytest
from support.locks import environment, faults, listed, pins, reasons

HERE = Path(__file__).parent
CUDA = "torch, CUDA build"

pytestmark = [
    pytest.mark.sglang,
    pytest.mark.skipif("SGLANG_URL" in os.environ, reason="the server runs in an environment that is not ours"),
]


def test_the_lock_pins_all_that_sglang_requires_but_for_a_list():
    env = environment(Path(os.environ["SGLANG_PYTHON"]))
    excluded, overridden = reasons(HERE / "excludes.txt"), reasons(HERE / "overrides.txt")
    cpu = "+cpu" in env.versions["torch"]
    files = ("requirements.lock", "requirements-cpu.lock" if cpu else "requirements-cuda.lock")
    lock = [pin for file in files for pin in pins((HERE / file).read_text(encoding="utf-8"))]
    if not cpu:
        excluded = {name: why for name, why in excluded.items() if why != CUDA}

    found = faults(listed(HERE / "requirements.in"), lock, env, excluded, overridden)

    assert found == []


def test_the_list_has_a_reason_for_each_and_nothing_that_nobody_requires():
    env = environment(Path(os.environ["SGLANG_PYTHON"]))
    excluded = reasons(HERE / "excludes.txt")
    everywhere = " ".join(text.lower().replace("_", "-") for each in env.requires.values() for text in each)

    assert all(excluded.values())
    assert [name for name, why in excluded.items() if why != CUDA and name not in everywhere] == []
    assert all(reasons(HERE / "overrides.txt").values())
