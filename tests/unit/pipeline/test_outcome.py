import pytest

from gateway.failover.breaker import Verdict
from gateway.failover.plan import Failure
from gateway.pipeline.failures import AttemptFailed
from gateway.pipeline.outcome import Aborted, FailedEarly, FailedLate, Served, verdict


@pytest.mark.parametrize("failure", Failure)
def test_a_failure_before_content_judges_the_endpoint_unless_it_is_anothers_fault(failure):
    others = {Failure.CALLER: Verdict.HEALTHY}
    others |= dict.fromkeys((Failure.EGRESS, Failure.LOST, Failure.DECLINED), Verdict.UNKNOWN)
    expected = others.get(failure, Verdict.FAILED)
    assert verdict(FailedEarly(AttemptFailed(failure, "x"))) is expected


def test_a_client_that_hangs_up_on_a_silent_server_proves_nothing():
    assert verdict(Aborted()) is Verdict.UNKNOWN
    assert verdict(Aborted(heard=True)) is Verdict.HEALTHY


def test_an_answer_proves_health_and_one_that_broke_off_does_not():
    assert verdict(Served()) is Verdict.HEALTHY
    assert verdict(FailedLate("upstream_error")) is Verdict.FAILED
    assert verdict(FailedLate("upstream_timeout", by_server=False)) is Verdict.HEALTHY
