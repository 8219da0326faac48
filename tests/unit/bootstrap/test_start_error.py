"""Which errors no retry helps against, and what is said of them."""

import os

import pytest

from gateway.bootstrap.start_error import StartError, reason, report
from gateway.domain.errors import LedgerUnavailable
from gateway.policy.load.errors import PolicyError, PolicyErrors
from gateway.stores.sql.database import LedgerUnusable


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StartError("the port is taken; take another"), "the port is taken; take another"),
        (LedgerUnusable("written by a newer gateway; use that one"), "written by a newer gateway; use that one"),
        (ValueError("the file is empty; write a secret into it"), "the file is empty; write a secret into it"),
        (
            PolicyErrors([PolicyError("a.yaml", 3, "version", "missing", "add it")]),
            "a.yaml:3: version: missing; add it",
        ),
        (
            PermissionError(13, "Permission denied", "/data/spool"),
            "/data/spool: Permission denied; check data_dir and the files that gateway.yaml names",
        ),
    ],
)
def test_what_stays_wrong_is_one_line_that_says_what_to_do(error, said):
    assert reason(error) == said


@pytest.mark.parametrize("error", [LedgerUnavailable("the server is away"), KeyError("x"), RuntimeError("x")])
def test_what_may_pass_or_is_a_bug_is_no_reason_to_give_up(error):
    assert reason(error) is None


def test_a_reason_is_left_where_the_supervisor_looks_for_it(tmp_path):
    assert report(str(tmp_path), "the port is taken; take another")
    assert (tmp_path / f"{os.getpid()}.reason").read_text() == "the port is taken; take another"


def test_a_reason_that_cannot_be_left_is_for_the_caller_to_print(tmp_path):
    assert not report(str(tmp_path / "gone"), "the port is taken; take another")
