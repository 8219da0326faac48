import io
import json

import pytest
from support.exchanges import exchange, failed_over, refused
from support.fakes import ask

from gateway.telemetry.logs import Log


def lines(write) -> list[dict]:
    out = io.StringIO()
    write(Log("edge", out))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_whatever_is_in_it():
    (line,) = lines(lambda log: log.event("x", "error", text='a\n"b"\x00é', other=object))
    assert (line["event"], line["level"], line["process"], line["text"]) == ("x", "error", "edge", 'a\n"b"\x00é')


def test_a_request_is_one_line():
    (line,) = lines(lambda log: log.exchange(failed_over()))
    assert (line["event"], line["target"], line["attempts"], line["cost_usd"]) == ("request", "away", 2, "0.00002")
    assert (line["input_tokens"], line["output_tokens"], line["error"]) == (7, 3, None)


def test_a_refusal_is_one_too():
    (line,) = lines(lambda log: log.exchange(refused()))
    assert (line["status"], line["error"], line["target"], line["input_tokens"]) == (403, "no_permitted_route", None, 0)
    (line,) = lines(lambda log: log.refused("openai.chat", "invalid_request", "", "dec_1"))
    assert (line["event"], line["code"], line["team"]) == ("refused", "invalid_request", None)


def test_no_text_and_no_key_is_in_a_line():
    done = exchange(body=ask("Quokka", user="Quokka"), x_gateway_session="Quokka")
    (line,) = lines(lambda log: log.exchange(done))
    assert "Quokka" not in json.dumps(line)
    assert "gwk_" not in json.dumps(line)


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("closed file")])
def test_a_reader_that_has_gone_fails_no_request(error):
    class Gone(io.StringIO):
        def write(self, _):
            raise error

    Log("edge", Gone()).event("x")


def test_standard_error_is_the_default(capsys):
    Log("edge").event("x")
    assert json.loads(capsys.readouterr().err)["event"] == "x"
