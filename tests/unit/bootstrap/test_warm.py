import pytest
from support.fakes import policy

from gateway.bootstrap.warm import keep_patterns, warm
from gateway.patterns import hyperscan_engine, kept
from gateway.sensitivity import compiled
from gateway.sensitivity.scan import scanner_for
from gateway.stores.data_dir import DataDir


def test_the_scanner_of_a_policy_is_there_before_its_first_request():
    words = [{"id": "w", "class": "internal", "words": ["Blue Heron 7281"]}]
    snapshot = policy(sensitivity={"word_lists": words})
    warm(snapshot)
    before = scanner_for.cache_info()
    scanner_for(snapshot.sensitivity)
    after = scanner_for.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


@pytest.fixture
def fresh(monkeypatch):
    """A process that has compiled nothing yet; call it to have another one."""

    def begin():
        scanner_for.cache_clear()
        compiled._matchers.cache_clear()

    monkeypatch.setattr(kept._Place, "kept", kept.NotKept())
    begin()
    return begin


def test_a_later_process_finds_the_same_with_the_patterns_that_the_first_one_compiled(fresh, tmp_path, monkeypatch):
    snapshot, text = policy(), {"text": "card 4539 1488 0343 6467, mail ann@blue-heron.net"}
    data = DataDir(tmp_path / "data")
    keep_patterns(data)
    warm(snapshot)
    first = scanner_for(snapshot.sensitivity).scan(text)
    assert len([one for one in data.patterns.iterdir() if one.name != "lock"]) == 2

    compile_ = hyperscan_engine._compile

    def only_a_probe(patterns):
        assert len(patterns) == 1, "compiled again"
        return compile_(patterns)

    monkeypatch.setattr(hyperscan_engine, "_compile", only_a_probe)
    fresh()
    warm(snapshot)

    assert scanner_for(snapshot.sensitivity).scan(text) == first


def test_what_can_be_neither_loaded_nor_compiled_is_an_error_not_a_policy_without_detectors(
    fresh, tmp_path, monkeypatch
):
    def fail(_):
        raise ValueError("no memory")

    keep_patterns(DataDir(tmp_path / "data"))
    monkeypatch.setattr(hyperscan_engine, "_compile", fail)

    with pytest.raises(ValueError, match="no memory"):
        warm(policy())
