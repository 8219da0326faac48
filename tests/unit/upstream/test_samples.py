"""A server's own counters go into the books once a minute, if they can be read."""

import pytest

from gateway.domain.errors import LedgerUnavailable
from gateway.sandbox.settings import SandboxSettings
from gateway.sandbox.sglang_metrics import exposition
from gateway.sandbox.state import Meters
from gateway.upstream.samples import GpuSamples, read

PLAIN = b'sglang:prompt_tokens_total{m="x"} 10.0\nsglang:generation_tokens_total{m="x"} 5.0\n'


class Clock:
    def __init__(self):
        self.at = 100.0

    def monotonic(self):
        return self.at

    def wall_ns(self):
        return int(self.at * 1e9)


def samples(write=None):
    written, clock = [], Clock()
    return GpuSamples(write or written.append, clock, bytes), clock, written


def test_a_server_is_due_once_a_minute():
    gpu, clock, _ = samples()

    assert [gpu.due("t", "http://a:1"), gpu.due("t", "http://a:1"), gpu.due("t", "http://b:1")] == [True, False, True]
    clock.at += 60
    assert gpu.due("t", "http://a:1")


def test_what_it_says_is_written():
    gpu, _, written = samples()
    gpu.take("t", "http://user:secret@a:1/", PLAIN + b"sglang:num_running_reqs 3.0\nsglang:gen_throughput 7.5\n")

    (one,) = written
    assert (one.target, one.server, one.at) == ("t", "a:1", 100_000_000_000)
    assert (one.running, one.tokens_per_second, one.input_tokens, one.output_tokens) == (3, 7.5, 10, 5)


def test_of_ranks_counters_are_added_and_shares_are_not():
    text = b'sglang:a{r="0"} 1.0\nsglang:a{r="1"} 2.0\nsglang:token_usage{r="0"} 0.5\nsglang:token_usage{r="1"} 0.4\n'

    assert read(text) == {b"a": 3.0, b"token_usage": 0.5}


@pytest.mark.parametrize("text", [b"", b"<html>", b"sglang:prompt_tokens_total 5\n", PLAIN.replace(b"10.0", b"NaN")])
def test_without_its_token_counters_it_says_nothing(text):
    gpu, _, written = samples()
    gpu.take("t", "http://a:1", text)

    assert written == []


def test_a_full_disk_costs_a_sample_and_nothing_else():
    disk, written = [LedgerUnavailable("full")], []

    def write(record):
        if disk:
            raise disk.pop()
        written.append(record)

    gpu, clock, _ = samples(write)
    gpu.take("t", "http://a:1", PLAIN)
    assert written == []

    clock.at += 60
    assert gpu.due("t", "http://a:1")
    gpu.take("t", "http://a:1", PLAIN)
    assert [(one.at, one.input_tokens) for one in written] == [(160_000_000_000, 10)]


def test_the_sandbox_speaks_as_the_server_does():
    gpu, _, written = samples()
    meters = Meters(SandboxSettings())
    gpu.take("t", "http://a:1", exposition(meters, "m", 1000).encode())

    assert [(one.input_tokens, one.output_tokens, one.running) for one in written] == [(0, 0, 0)]
