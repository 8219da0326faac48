"""Heads go out once each, and again if they could not."""

import socket

import pytest
from support.books import chained, draft, receipt, settled

from gateway.stores.chain import anchor_sink as module
from gateway.stores.chain.anchor_sink import Anchoring, FileSink, SyslogSink, sink_of
from gateway.stores.chain.anchors import Head, parsed, read_anchors

CHAIN = chained(draft(1), draft(2), draft(3))
HEAD = Head("egr_a", 3, CHAIN[2].hash, CHAIN[2].at)


def test_the_last_head_of_each_chain_is_written_once():
    written = []
    anchoring = Anchoring(written.append)
    other = chained(draft(4), instance="egr_b")
    anchoring.note([receipt(CHAIN[0]), receipt(CHAIN[2]), settled(1), receipt(CHAIN[1]), receipt(*other)])
    anchoring.note([receipt(draft(5, outcome="no_egress"))])

    assert (anchoring.write(), anchoring.write()) == (2, 0)
    assert written == [HEAD, Head("egr_b", 1, other[0].hash, other[0].at)]


def test_a_head_that_is_noted_while_an_older_one_is_written_is_written_next():
    written = []

    def slow(head: Head) -> None:
        written.append(head)
        if len(written) == 1:
            anchoring.note([receipt(CHAIN[2])])

    anchoring = Anchoring(slow)
    anchoring.note([receipt(CHAIN[0])])

    assert (anchoring.write(), anchoring.write(), anchoring.write()) == (1, 1, 0)
    assert [head.seq for head in written] == [1, 3]


def test_what_could_not_be_written_is_tried_again(tmp_path):
    anchoring = Anchoring(sink_of(f"file:{tmp_path}/gone/anchors"))
    anchoring.note([receipt(CHAIN[2])])
    with pytest.raises(OSError, match="anchors"):
        anchoring.write()
    (tmp_path / "gone").mkdir()

    assert anchoring.write() == 1
    assert read_anchors(tmp_path / "gone" / "anchors") == [HEAD]


def test_a_file_grows(tmp_path):
    sink = FileSink(tmp_path / "anchors")
    sink(HEAD)
    sink(HEAD)

    assert read_anchors(tmp_path / "anchors") == [HEAD, HEAD]
    assert (tmp_path / "anchors").stat().st_mode & 0o777 == 0o600


def test_a_log_gets_one_message_a_head():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(5)
        sink_of(f"syslog://127.0.0.1:{log.getsockname()[1]}")(HEAD)
        message = log.recv(1000).decode()

    assert message == f"<38>gateway: {HEAD.line()}"
    assert parsed([message]) == [HEAD]


def test_the_machines_own_log_is_taken_where_there_is_one(tmp_path, monkeypatch):
    path = tmp_path / "log"
    monkeypatch.setattr(module, "_LOCAL", str(path))
    assert SyslogSink("syslog")._address == ("127.0.0.1", 514)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(path))
        log.settimeout(5)
        SyslogSink("syslog")(HEAD)
        assert parsed([log.recv(1000).decode()]) == [HEAD]
        sink = SyslogSink("syslog")
    path.unlink()
    with pytest.raises(OSError, match=r"."):
        sink(HEAD)
