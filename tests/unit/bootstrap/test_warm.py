from support.fakes import policy

from gateway.bootstrap.warm import warm
from gateway.sensitivity.scan import scanner_for


def test_the_scanner_of_a_policy_is_there_before_its_first_request():
    words = [{"id": "w", "class": "internal", "words": ["Blue Heron 7281"]}]
    snapshot = policy(sensitivity={"word_lists": words})
    warm(snapshot)
    before = scanner_for.cache_info()
    scanner_for(snapshot.sensitivity)
    after = scanner_for.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
