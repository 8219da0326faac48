"""The worker's loop, and the doors it closes behind itself."""

import io
import os

import pytest

from gateway.deepscan.finder import TooLate
from gateway.deepscan.worker import HEAD, refuse, serve


class Scripted:
    def finds(self, text, until):
        if text == "late":
            raise TooLate
        return "secret" in text


def test_each_text_has_one_byte_for_an_answer():
    texts = [b"a secret", b"nothing", b"late", "\ud800".encode("utf-8", "surrogatepass")]
    reading = io.BytesIO(b"".join(HEAD.pack(len(text), 1.0) + text for text in texts) + b"half")
    writing = io.BytesIO()

    serve(Scripted(), reading, writing)

    assert writing.getvalue() == b"R10L0"


@pytest.mark.parametrize(
    ("event", "arguments"),
    [("socket.connect", (None, ("h", 1))), ("open", ("f", "w", os.O_WRONLY)), ("subprocess.Popen", ())],
)
def test_no_network_no_files_no_children(event, arguments):
    with pytest.raises(PermissionError):
        refuse(event, arguments)


@pytest.mark.parametrize(
    ("event", "arguments"), [("open", ("f", "r", os.O_RDONLY)), ("import", ("json",)), ("object.__getattr__", ())]
)
def test_reading_and_what_touches_nothing_is_allowed(event, arguments):
    assert refuse(event, arguments) is None
