"""A FOCUS report passes the FinOps Foundation's own validator, in the environment that `make check-focus` makes."""

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.books import NOON, SECOND, adjustment, attempt, decision_made, finished, policy, request, settled, write

from gateway.cli.report.main import command
from gateway.domain.money import CostParts
from gateway.domain.records import GpuSample
from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.files import read_policies

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-focus"
HOUR = 3600 * SECOND


def sample(minute, tokens):
    return GpuSample(
        f"gpu_{minute}", NOON + minute * 60 * SECOND, "qwen3-32b", "127.0.0.1:30000", 0, 0, 0.0, 0.0, 0.0, tokens, 0, 0
    )


@pytest.fixture
def report(tmp_path):
    """One with vendors, own hardware used and idle, corrections, and calls that nobody took apart."""
    data = DataDir(tmp_path / "data")
    data.ensure()
    snapshot = compile_documents(read_policies(ROOT / "policies"), PriceBook.load_bundled())
    made = [policy(snapshot.canonical.decode(), snapshot.hash)]
    for number, (target, zone) in enumerate([("qwen3-32b", "local"), ("gpt-5", "closed"), ("gone", "closed")]):
        ids = {"target": target, "zone": zone}
        parts = CostParts(40, 0, 300, 7)
        made += [decision_made(number, task="code"), attempt(number, **ids), settled(number, parts=parts)]
        made += [finished(number, **ids), adjustment(number, amount=-9)]
    write(data, *made, *request(7), *request(8, zone="closed", at=NOON - 24 * HOUR), sample(1, 10), sample(2, 90))
    file = tmp_path / "focus.csv"
    arguments = ["--from", "2026-11-01", "--to", "2026-11-30", "--format", "focus", "--output", str(file)]
    result = CliRunner().invoke(command, ["costs", *arguments, "--data-dir", str(data.path)])
    assert result.exit_code == 0, result.output
    return file


@pytest.mark.skipif(
    not ENVIRONMENT.exists() and not os.environ.get("CI"), reason="`make check-focus` makes the validator's environment"
)
def test_the_official_validator_finds_nothing(report):
    packages = next(ENVIRONMENT.glob("lib/python3*/site-packages"))  # it looks for its currencies from there
    result = subprocess.run(
        [ENVIRONMENT / "bin" / "focus-validator", "--data-file", report, "--validate-version", "1.0"],
        cwd=packages,
        capture_output=True,
        text=True,
        check=False,
    )
    print(result.stdout)

    assert (result.returncode, result.stdout.strip()) == (0, "Validation succeeded."), result.stderr


def test_a_report_has_vendors_own_hardware_and_idle_time(report):
    text = report.read_text()

    assert all(word in text for word in ("OpenAI", "Own hardware", "Unknown", "qwen3-32b/idle", "Correction"))
