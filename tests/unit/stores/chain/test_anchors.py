"""Heads survive their way through a file or a log."""

from gateway.stores.chain.anchors import Head, parsed, read_anchors, wanted

HEAD = Head("egr_01kb", 7, "ab" * 32, 1_795_000_000_000_000_000)


def test_a_head_is_found_behind_whatever_a_log_puts_before_it(tmp_path):
    path = tmp_path / "anchors"
    path.write_text(f"{HEAD.line()}\nNov 22 16:00:00 host gateway[7]: {HEAD.line()}\nanother line\n")

    assert read_anchors(path) == [HEAD, HEAD]
    assert wanted([HEAD, HEAD]) == {"egr_01kb": {7: HEAD}}


def test_a_line_that_is_none_is_passed_over():
    assert parsed(["", "gateway-anchor v1 x y z", HEAD.line()[:-30], HEAD.line().replace("v1", "v2")]) == []
