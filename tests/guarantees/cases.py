"""The gateway-level cases of sensitivity that trip gateways, numbered as the team's list has them; each runs in a lab.

Each is a function of a lab, so that the seeded bugs can run them too. Where the gateway has no such feature (hedging,
shadowing, judges, caches, embeddings) the case shows that the door is shut to it: no ticket, no way out.
"""

import contextlib
import gzip
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from support.fakes import AT_NS, CARD, CHAT, MESSAGES, Client, closed, local, policy
from support.lab import Behaviour, Lab, holds
from support.seals import signature

from gateway.domain.chain import AttemptKind
from gateway.domain.label import DataClass, Label, Part
from gateway.ports import SessionsUnavailable, UpstreamBroken, UpstreamCall
from gateway.sensitivity.scanner import Scanner

Case = Callable[[Lab], Awaitable[None]]
CASES: dict[str, Case] = {}
MAIL = "jane.miller@kontor-12.de"
SECRET = "sk-ant-api03-GEZDGNBVGY3TQOJQGEZDGNBV7K2mQ9wZ"
AWAY_FIRST = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]


def case(number: str) -> Callable[[Case], Case]:
    def note(function: Case) -> Case:
        CASES[f"{number} {function.__name__}"] = function
        return function

    return note


def ask(text: Any = "Hello", **more: Any) -> dict[str, Any]:
    return {"model": "auto", "messages": [{"role": "user", "content": text}], "max_tokens": 10} | more


def turns(*texts: str) -> dict[str, Any]:
    roles = ("user", "assistant")
    return ask() | {"messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]}


def use(lab: Lab, **changes: Any) -> None:
    """Give the lab a policy that would rather go to the vendor."""
    lab.snapshot = policy(**{"rules": AWAY_FIRST} | changes)


def stays(lab: Lab, *values: str) -> None:
    """Nothing that left holds any of the values, and nothing left at all if none is named."""
    if not values:
        assert lab.left() == []
    for one in lab.left():
        assert not any(holds(one.body, value) for value in values)


@case("1")
async def the_local_engine_is_down(lab: Lab) -> None:
    use(lab)
    for mode in ("refuses", "error", "garbage"):
        lab.behaviours["home"] = Behaviour(mode)
        client = await lab.ask(ask(CARD))
        assert client.status in {502, 503}
    lab.board.why = {"home": "down"}
    assert (await lab.ask(ask(CARD))).code == "no_healthy_target"
    stays(lab)


@case("2")
async def a_local_time_out_is_not_tried_elsewhere(lab: Lab) -> None:
    use(lab)

    async def hangs() -> None:
        raise UpstreamBroken("silent", sent=True)

    lab.behaviour("home").before = hangs
    await lab.ask(ask(CARD))
    stays(lab)


@case("3")
async def a_full_local_queue_does_not_overflow_to_the_vendor(lab: Lab) -> None:
    use(lab)
    lab.behaviours["home"] = Behaviour("saturated")
    assert (await lab.ask(ask(CARD))).status == 503
    lab.board.why = {"home": "saturated"}
    assert (await lab.ask(ask(CARD))).status == 503
    stays(lab)


async def _through_the_door(lab: Lab, kind: AttemptKind, label: Label, body: bytes, **more: Any) -> str:
    """Send one call of a kind straight to the egress; return how it ended."""
    target = lab.snapshot.targets["away"]
    call = UpstreamCall(target, "", CHAT.path, body, {}, label, "p", "dec_x", "att_x", 1.0, "t", kind, **more)
    try:
        async with lab.way.open(call) as answer:
            return str(answer.head.status)
    except UpstreamBroken as broken:
        return broken.detail


async def _no_door_for(lab: Lab, kind: AttemptKind) -> None:
    use(lab)
    body = json.dumps(ask(CARD)).encode()
    restricted = Label(DataClass.RESTRICTED)
    assert await _through_the_door(lab, kind, restricted, body) == "under_cleared"
    assert await _through_the_door(lab, kind, Label(), body) == "higher_class"
    stays(lab)
    assert await _through_the_door(lab, kind, Label(), json.dumps(ask()).encode()) == "200"
    assert len(lab.left()) == 1


@case("4")
async def a_hedge_needs_a_ticket_of_its_own(lab: Lab) -> None:
    await _no_door_for(lab, "hedge")


@case("5")
async def an_escalation_is_an_attempt_like_any_other(lab: Lab) -> None:
    """The small model's bad answer (here: a broken one) moves the request on, but only within what is permitted."""
    use(lab, targets=[local("home"), local("big"), closed("away")],
        models=[{"name": "auto", "candidates": ["home", "big", "away"]}],
        rules=[{"kind": "prefer", "by": "order", "order": ["home", "away", "big"]}])  # fmt: skip
    lab.behaviours["home"] = Behaviour("garbage")
    client = await lab.ask(ask(CARD))
    assert client.headers["x-gateway-target"] == "big"
    stays(lab)


@case("6")
async def a_shadow_needs_a_ticket_of_its_own(lab: Lab) -> None:
    await _no_door_for(lab, "shadow")


@case("7")
async def a_judge_needs_a_ticket_of_its_own(lab: Lab) -> None:
    await _no_door_for(lab, "judge")


@case("8")
async def an_embedding_call_needs_a_ticket_of_its_own(lab: Lab) -> None:
    await _no_door_for(lab, "embedding")


@case("9")
async def nothing_is_served_from_another_ones_answer(lab: Lab) -> None:
    """There is no semantic cache: the same question is asked anew, for each caller."""
    use(lab, teams=[{"id": "t", "default_class": "public"}, {"id": "u", "default_class": "public"}])
    lab.behaviours["home"] = Behaviour(says=f"It is {CARD}")
    await lab.ask(ask(CARD))
    lab.behaviours["home"] = Behaviour(says="I do not know")
    client = await lab.ask(ask(CARD), team="u")
    assert CARD not in client.body.decode()
    assert [one.target for one in lab.captured] == ["home", "home"]


@case("10")
async def another_vendor_in_another_region_is_no_way_out(lab: Lab) -> None:
    use(lab, targets=[closed("away", region="eu"), closed("far", region="us")],
        models=[{"name": "auto", "candidates": ["away", "far"]}], rules=[],
        floors=[{"match": {"team": "t"}, "regions": ["eu"]}])  # fmt: skip
    lab.behaviours["away"] = Behaviour("error")
    await lab.ask(ask())
    assert {one.target for one in lab.left()} == {"away"}


@case("11")
async def a_vendors_own_fallback_is_taken_out(lab: Lab) -> None:
    use(lab)
    client = await lab.ask(ask(models=["x/y"], route="fallback", provider={"order": ["z"]}, fallbacks=["q"]))
    body = json.loads(lab.left()[0].body)
    assert not {"models", "route", "provider", "fallbacks"} & set(body)
    assert client.headers["x-gateway-dropped"] == "fallbacks, models, provider, route"
    steered = json.dumps(ask(models=["x/y"])).encode()
    assert await _through_the_door(lab, "primary", Label(), steered) == "vendor_routing"


@case("12")
async def a_caller_cannot_say_where_it_goes(lab: Lab) -> None:
    use(lab)
    named = {"api_base": "http://evil.example", "base_url": "x", "extra_headers": {"a": "b"}, "api_key": "k"}
    nested = {"extra_body": {"api_base": "http://evil.example", "models": ["x"]}}
    await lab.ask(ask(**named, **nested), x_target="away", x_gateway_model="gpt", x_litellm_model="x")
    body = json.loads(lab.left()[0].body)
    assert not set(named) & set(body)
    assert body["extra_body"] == {}


@case("13")
async def a_caller_may_only_raise(lab: Lab) -> None:
    use(lab, teams=[{"id": "t", "default_class": "confidential"}])
    await lab.ask(ask(), x_gateway_data_class="public")
    stays(lab)
    assert (await lab.ask(ask(CARD), team="t:declassify", x_gateway_data_class="public")).headers[
        "x-gateway-data-class"
    ] == "restricted"
    stays(lab)


@case("14")
async def a_label_that_is_odd_is_the_highest(lab: Lab) -> None:
    use(lab)
    for value in ("Public", "secret", "", "public\npublic"):
        client = await lab.ask(ask(), x_gateway_data_class=value)
        assert client.headers["x-gateway-data-class"] == "restricted"
    stays(lab)


@case("15")
async def a_reload_while_a_request_is_on_its_way(lab: Lab) -> None:
    """Its next attempt is judged by the egress's newest policy, too."""
    use(lab, targets=[closed("away"), closed("other")], models=[{"name": "auto", "candidates": ["away", "other"]}],
        rules=[{"kind": "prefer", "by": "order", "order": ["away", "other"]}],
        teams=[{"id": "t", "default_class": "internal"}])  # fmt: skip

    async def reload() -> None:
        lab.egress_snapshot = policy(targets=[closed("away"), closed("other", clearance="public")],
                                     models=[{"name": "auto", "candidates": ["away"]}], rules=[])  # fmt: skip

    lab.behaviours["away"] = Behaviour("error", before=reload)
    await lab.ask(ask())
    assert {one.target for one in lab.left()} == {"away"}
    assert lab.receipts[-1].entry.outcome == "refused:under_cleared"


@case("16")
async def an_egress_with_an_older_policy_judges_by_its_own(lab: Lab) -> None:
    lab.egress_snapshot = policy()
    use(lab, targets=[local("home"), closed("away", clearance="confidential")])
    await lab.ask(ask(f"Write to {MAIL}"))
    stays(lab)


@case("17")
async def once_restricted_always_restricted(lab: Lab) -> None:
    use(lab)
    await lab.ask(ask(CARD), x_gateway_session="s")
    for _ in range(6):
        client = await lab.ask(ask("Thanks"), x_gateway_session="s")
        assert client.headers["x-gateway-zone"] == "local"
    stays(lab)


@case("18")
async def a_history_without_an_id_raises_again(lab: Lab) -> None:
    use(lab)
    await lab.ask(turns(CARD, "Done", "And now?"))
    lab.sessions = type(lab.sessions)(lab.clock)
    await lab.ask(turns(CARD, "Done", "And now?"))
    stays(lab)


@case("19")
async def a_compacted_history_keeps_its_label_by_its_id(lab: Lab) -> None:
    use(lab)
    await lab.ask(turns(CARD, "Done", "And now?"), x_gateway_session="s")
    await lab.ask(ask("Summary: we spoke of the card ending in four ones."), x_gateway_session="s")
    stays(lab)


@case("20")
async def a_fork_keeps_what_stood_before_it(lab: Lab) -> None:
    use(lab)
    client = await lab.ask(turns("The plan"), x_gateway_data_class="restricted")
    assert client.headers["x-gateway-zone"] == "local"
    await lab.ask(turns("The plan", "Good", "Another way"))
    await lab.ask(ask(previous_response_id="resp_1", conversation="conv_1") | turns(CARD))
    await lab.ask(ask(previous_response_id="resp_1"))
    client = await lab.ask(ask([{"type": "file", "file": {"file_id": "file-1"}}]))
    assert client.headers["x-gateway-data-class"] == "restricted"
    stays(lab)


@case("21")
async def a_sibling_taints_before_the_others_next_attempt(lab: Lab) -> None:
    use(lab, targets=[local("home"), closed("away"), closed("other")],
        models=[{"name": "auto", "candidates": ["away", "other"]}, {"name": "own", "candidates": ["home"]}],
        rules=[{"kind": "prefer", "by": "order", "order": ["away", "other"]}])  # fmt: skip

    async def sibling() -> None:
        await lab.ask(ask(CARD, model="own"), x_gateway_session="s")

    lab.behaviours["away"] = Behaviour("error", before=sibling)
    await lab.ask(ask(), x_gateway_session="s")
    assert [one.target for one in lab.left()] == ["away"]


@case("21c")
async def what_was_refused_was_said_to_nobody_and_taints_nothing(lab: Lab) -> None:
    use(lab, targets=[closed("away")], models=[{"name": "auto", "candidates": ["away"]}], rules=[])
    assert (await lab.ask(ask(CARD), x_gateway_session="s")).code == "no_permitted_route"
    assert (await lab.ask(ask(), x_gateway_session="s")).status == 200
    stays(lab, CARD)


@case("21b")
async def the_taint_is_there_when_its_own_request_is_at_a_target(lab: Lab) -> None:
    use(lab)

    async def sibling() -> None:
        client = await lab.ask(ask(), x_gateway_session="s")
        assert client.headers["x-gateway-zone"] == "local"

    lab.behaviours["home"] = Behaviour(before=sibling)
    await lab.ask(ask(CARD), x_gateway_session="s")
    stays(lab)
    assert len(lab.captured) == 2


@case("22")
async def without_the_store_everything_is_tainted(lab: Lab) -> None:
    use(lab)

    class Away:
        remote = True

        async def find(self, *_: Any) -> Any:
            raise SessionsUnavailable

        add = seal = sealed_by = find

        def plain(self, keys: Any) -> None:
            pass

        doubt = plain

    lab.sessions = Away()
    client = await lab.ask(ask())
    assert client.headers["x-gateway-data-class"] == "restricted"
    stays(lab)


@case("23")
async def a_tools_result_moves_the_next_hop(lab: Lab) -> None:
    use(lab)
    first = ask("Look it up", tools=[{"type": "function", "function": {"name": "f"}}])
    await lab.ask(first)
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    result = {"role": "tool", "tool_call_id": "c", "content": json.dumps({"rows": [{"pan": CARD}]})}
    more = [*first["messages"], {"role": "assistant", "content": None, "tool_calls": [call]}, result]
    client = await lab.ask(first | {"messages": more})
    assert client.headers["x-gateway-zone"] == "local"
    stays(lab, CARD)


@case("24")
async def what_a_vendor_streams_as_a_tools_arguments_counts(lab: Lab) -> None:
    use(lab)
    lab.behaviours["away"] = Behaviour(says=f"Use {CARD} now")
    await lab.ask(ask(stream=True), x_gateway_session="s")
    client = await lab.ask(ask("Go on"), x_gateway_session="s")
    assert client.headers["x-gateway-zone"] == "local"


@case("25")
async def an_answer_of_our_own_model_is_sent_to_nobody(lab: Lab) -> None:
    use(lab)
    lab.behaviours["home"] = Behaviour(says=f"It is {SECRET}")
    await lab.ask(ask(CARD))
    await lab.ask(turns("Hello", f"It is {SECRET}", "Repeat it"))
    stays(lab)


@case("26")
async def a_detector_that_fails_is_a_finding(lab: Lab) -> None:
    use(lab)

    def fails(*_: Any, **__: Any) -> None:
        raise MemoryError

    whole, Scanner.scan = Scanner.scan, fails  # type: ignore[method-assign,assignment]
    try:
        client = await lab.ask(ask())
    finally:
        Scanner.scan = whole  # type: ignore[method-assign]
    assert client.headers["x-gateway-data-class"] == "restricted"
    assert client.headers["x-gateway-zone"] == "local"
    client = await lab.ask(ask("@" * 400_000 + " a@a." * 60_000))
    stays(lab, "@@@@@@@@")


@case("27")
async def a_scan_that_is_late_is_a_finding(lab: Lab) -> None:
    from gateway import scanning

    use(lab)
    before, scanning.SCAN_SECONDS = scanning.SCAN_SECONDS, 0.0
    try:
        client = await lab.ask(ask("word " * 8000))
    finally:
        scanning.SCAN_SECONDS = before
    assert client.headers["x-gateway-data-class"] == "restricted"
    stays(lab)


@case("28")
async def odd_bodies_are_refused_or_written_anew(lab: Lab) -> None:
    use(lab)
    good = json.dumps(ask(CARD))
    odd = [
        good.encode("utf-16"), b"\xef\xbb\xbf" + good.encode(), gzip.compress(good.encode()), b'{"a": NaN}',
        b'{"model":"auto","model":"x"}', good.encode("latin-1").replace(b"Hello", b"\xff"), b"[" * 100_000,
        b'{"model":"auto","messages":[{"role":"user","content":"a","content":"' + CARD.encode() + b'"}]}',
    ]  # fmt: skip
    for body in odd:
        client = await lab.ask(body)
        assert client.status == 400 or client.headers.get("x-gateway-zone") == "local"
    stays(lab)
    await lab.ask(b' { "model" : "auto", "messages":[ {"role":"user","content":"\\u0048i"}], "max_tokens":10 } ')
    assert lab.left()[0].body.startswith(b'{"model":"vendor-away","messages":[{"role":"user","content":"Hi"}]')


@case("29")
async def an_unknown_field_is_read_like_any_other(lab: Lab) -> None:
    use(lab)
    await lab.ask(ask(brand_new_feature={"deep": [{"note": CARD}]}))
    await lab.ask(ask([{"type": "hologram", "data": "x"}]))
    stays(lab)


@case("30")
async def what_a_vendor_keeps_is_read_too(lab: Lab) -> None:
    use(lab)
    await lab.ask(ask(store=True, metadata={"note": CARD}, user=SECRET, n=2, logprobs=True))
    stays(lab)


@case("31")
async def media_cannot_be_read(lab: Lab) -> None:
    use(lab)
    parts = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": CARD}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"filename": f"{CARD}.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
    ]
    for part in parts:
        assert (await lab.ask(ask([part]))).headers["x-gateway-data-class"] == "restricted"
    block = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    assert (await lab.ask(ask([block]), dialect=MESSAGES)).headers["x-gateway-data-class"] == "restricted"
    stays(lab)


MASKING = [local("home"), closed("away", clearance={"max": "internal", "mask": ["email"]})]


@case("32")
async def what_masking_leaves_is_found(lab: Lab) -> None:
    use(lab, targets=MASKING)
    await lab.ask(ask(f"Write to {MAIL}", metadata={MAIL: "x"}))
    await lab.ask(ask([{"type": "text", "text": f"{MAIL} and {MAIL[:9]}"}, {"type": "text", "text": MAIL[9:]}]))
    stays(lab, MAIL)


@case("33")
async def a_placeholder_of_another_request_stays_as_it_is(lab: Lab) -> None:
    use(lab, targets=MASKING)
    await lab.ask(ask(f"Write to {MAIL}"))
    body = lab.left()[0].body.decode()
    name = body[body.index("MASKED_") :][: len("MASKED_EMAIL_000000000000")]
    lab.behaviours["away"] = Behaviour(says=f"It said {name}")
    client = await lab.ask(ask(f"Write to jane.miller@kontor-13.de. What is {name}?"))
    assert client.json["choices"][0]["message"]["content"] == f"It said {name}"


@case("34")
async def a_mangled_placeholder_is_reported_not_guessed(lab: Lab) -> None:
    use(lab, targets=MASKING)
    await lab.ask(ask(f"Write to {MAIL}"))
    body = lab.left()[0].body.decode()
    name = body[body.index("MASKED_") :][: len("MASKED_EMAIL_000000000000")]
    mangled = name.replace("_", " ").title()
    lab.behaviours["away"] = Behaviour(says=f"Wrote to {mangled}")
    client = await lab.ask(ask(f"Write to {MAIL}"))
    assert mangled in client.body.decode()
    assert MAIL not in client.body.decode()
    assert lab.observer.mangled_ones == [("t", "away", 1)]


@case("35")
async def two_people_never_share_a_placeholder(lab: Lab) -> None:
    use(lab, targets=MASKING)
    for mail in (MAIL, "jane.miller@kontor-13.de"):
        await lab.ask(ask(f"Write to {mail}"), x_gateway_session=mail)
    bodies = [one.body.decode() for one in lab.left()]
    names = [body[body.index("MASKED_") :][: len("MASKED_EMAIL_000000000000")] for body in bodies]
    assert names[0] != names[1]


@case("36")
async def a_placeholder_in_pieces_is_restored(lab: Lab) -> None:
    use(lab, targets=MASKING)
    await lab.ask(ask(f"Write to {MAIL}"))
    body = lab.left()[0].body.decode()
    name = body[body.index("MASKED_") :][: len("MASKED_EMAIL_000000000000")]
    lab.behaviours["away"] = Behaviour(says=name)
    client = await lab.ask(ask(f"Write to {MAIL}", stream=True))
    said = [json.loads(line[6:]) for line in client.body.decode().split("\n\n") if line.startswith("data: {")]
    assert "".join(one["choices"][0]["delta"].get("content") or "" for one in said) == MAIL


@case("37")
async def a_vault_is_wiped_when_the_client_hangs_up(lab: Lab) -> None:
    from gateway.pipeline import masking

    use(lab, targets=MASKING)
    kept = []
    before = masking.Vault

    class Kept(before):  # type: ignore[misc,valid-type]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            kept.append(self)

    async def hangs_up() -> None:
        raise KeyboardInterrupt

    masking.Vault = Kept  # type: ignore[misc]
    lab.behaviour("away").before = hangs_up
    try:
        await lab.ask(ask(f"Write to {MAIL}"))
    except BaseException:  # noqa: BLE001 -- a hang-up is no exception that anybody handles
        pass
    finally:
        masking.Vault = before  # type: ignore[misc]
    assert kept
    assert not any(vault.values for vault in kept)


@case("38")
async def nothing_that_is_written_holds_text(lab: Lab) -> None:
    from gateway.domain.records import encode

    use(lab, targets=MASKING)
    for text in (CARD, MAIL, SECRET):
        client = await lab.ask(ask(text, tools=[{"type": "function", "function": {"name": text}}], user=text))
        seen = str(client.headers).encode() + b"".join(map(encode, lab.spool.records))
        seen += repr(lab.observer.exchanges).encode() + lab.chain.path.read_bytes() if lab.chain.path.exists() else b""
        assert not holds(seen, text)


@case("39")
async def a_health_check_needs_a_ticket_to_reach_a_vendor(lab: Lab) -> None:
    await _no_door_for(lab, "probe")


@case("40")
async def an_address_of_ours_is_fetched_by_nobody(lab: Lab) -> None:
    use(lab)
    for url in ("http://169.254.169.254/latest", "http://localhost:8081/", "http://0x7f000001/", "file:///etc/passwd"):
        client = await lab.ask(ask([{"type": "image_url", "image_url": {"url": url}}]))
        assert client.status == 400
    assert lab.captured == []


def _exception(end: int, **more: Any) -> dict[str, Any]:
    at = AT_NS // 10**9
    moments = {"from": datetime.fromtimestamp(at - 10, UTC), "until": datetime.fromtimestamp(at + end, UTC)}
    return {"id": "trial", "owner": "ann", "reason": "trial", "teams": ["t"]} | moments | more


@case("41")
async def an_exception_ends_and_is_written_down(lab: Lab) -> None:
    use(lab, exceptions=[_exception(60, targets=["away"], max="confidential", categories=["pii"])])
    await lab.ask(ask(f"Write to {MAIL}"))
    assert len(lab.left()) == 1
    assert lab.receipts[-1].entry.exceptions == ("trial",)
    await lab.ask(ask(CARD))
    lab.clock.wall += 60 * 10**9
    client = await lab.ask(ask(f"Write to {MAIL} again"))
    assert client.headers["x-gateway-zone"] == "local"
    assert len(lab.left()) == 1


@case("41b")
async def an_exception_for_a_value_excuses_that_value_alone(lab: Lab) -> None:
    from gateway.domain.exceptions import salted

    use(lab, exceptions=[_exception(60, detectors=["credit_card"], values=[salted(CARD, "s")])])
    await lab.ask(ask(CARD))
    assert lab.receipts[-1].entry.exceptions == ("trial",)
    await lab.ask(ask("5412 5684 9286 4787"))
    assert len(lab.left()) == 1


@case("42")
async def a_wall_clock_that_is_set_forgets_no_taint(lab: Lab) -> None:
    use(lab)
    await lab.ask(ask(CARD), x_gateway_session="s")
    lab.clock.wall += 400 * 24 * 3600 * 10**9
    await lab.ask(ask(), x_gateway_session="s")
    stays(lab)


@case("43")
async def token_arrays_cannot_be_read(lab: Lab) -> None:
    use(lab)
    for more in ({"prompt": [[1, 2, 3]]}, {"input": [1, 2, 3]}):
        assert (await lab.ask(ask(**more))).headers["x-gateway-data-class"] == "restricted"
    stays(lab)


@case("44")
async def grammars_and_biases_are_read(lab: Lab) -> None:
    use(lab)
    await lab.ask(ask(guided_regex=f"({CARD})", grammar=SECRET))
    await lab.ask(ask(logit_bias={SECRET: 1}))
    await lab.ask(ask(response_format={"type": "json_schema", "json_schema": {"schema": {"const": CARD}}}))
    stays(lab)


@case("45")
async def a_body_that_is_changed_on_the_way_to_the_egress_does_not_leave(lab: Lab) -> None:
    use(lab)
    lab.tamper = lambda body: body.replace(b"Hello", CARD.encode()) if body else body
    client = await lab.ask(ask())
    assert client.headers["x-gateway-zone"] == "local"
    stays(lab)


@case("46")
async def nothing_leaves_without_a_line_in_the_chain(lab: Lab) -> None:
    use(lab)
    lab.chain.path.parent.mkdir(parents=True, exist_ok=True)
    lab.chain.path.mkdir()
    client = await lab.ask(ask())
    assert client.headers["x-gateway-zone"] == "local"
    stays(lab)


@case("47")
async def an_observed_team_is_reported_separately(lab: Lab) -> None:
    use(lab, sensitivity={"mode": {"default": "enforce", "teams": {"t": "observe"}}},
        teams=[{"id": "t", "default_class": "public"}, {"id": "u", "default_class": "public"}])  # fmt: skip
    await lab.ask(ask(CARD))
    assert lab.receipts[-1].entry.observed
    assert lab.spool.of(type(lab.spool.records[0]))[-1].decision["would_drop"]
    await lab.ask(ask(CARD), team="u")
    assert len(lab.left()) == 1


@case("48")
async def what_a_tool_was_called_with_is_read(lab: Lab) -> None:
    use(lab)
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": json.dumps({"pan": CARD})}}
    first = {"role": "user", "content": "Pay"}
    await lab.ask(ask() | {"messages": [first, {"role": "assistant", "content": None, "tool_calls": [call]}]})
    block = {"type": "tool_use", "id": "c", "name": "f", "input": {"pan": CARD}}
    await lab.ask(ask() | {"messages": [first, {"role": "assistant", "content": [block]}]}, dialect=MESSAGES)
    stays(lab)


@case("49")
async def a_milder_label_later_replaces_nothing(lab: Lab) -> None:
    use(lab)
    await lab.ask(ask("The plan"), x_gateway_session="s", x_gateway_data_class="restricted")
    await lab.ask(ask("And this"), x_gateway_session="s", x_gateway_data_class="confidential")
    client = await lab.ask(ask("Go on"), x_gateway_session="s")
    assert client.headers["x-gateway-data-class"] == "restricted"
    stays(lab)


@case("50")
async def a_shared_opening_taints_nobody(lab: Lab) -> None:
    use(lab)
    system = {"role": "system", "content": "You help the staff of Example Ltd."}
    opening = {"role": "user", "content": "Good morning"}
    said = {"role": "assistant", "content": "Hello"}
    await lab.ask(ask() | {"messages": [system, opening, said, {"role": "user", "content": CARD}]})
    client = await lab.ask(ask() | {"messages": [system, opening, said, {"role": "user", "content": "Lunch?"}]})
    assert client.headers["x-gateway-zone"] == "closed"
    assert (await lab.ask(ask() | {"messages": [system, opening]})).headers["x-gateway-zone"] == "closed"


@case("50b")
async def what_one_caller_sends_beside_the_words_taints_no_others(lab: Lab) -> None:
    """The same words and the same answer: only the first caller's request named a card, in a tool."""
    use(lab)
    tool = {"type": "function", "function": {"name": "f", "description": f"Charges {CARD}"}}
    assert (await lab.ask(ask(tools=[tool]), team="t:one")).headers["x-gateway-zone"] == "local"
    assert (await lab.ask(turns("Hello", "Hello", "Go on"), team="t:two")).headers["x-gateway-zone"] == "closed"
    assert (await lab.ask(turns("Hello", "Hello", "Go on"), team="t:one")).headers["x-gateway-zone"] == "local"


@case("50c")
async def of_two_answers_to_the_same_words_each_has_its_own_label(lab: Lab) -> None:
    use(lab)
    lab.behaviours["home"] = Behaviour(says="The plan is secret")
    await lab.ask(ask(), x_gateway_data_class="restricted")
    lab.behaviours["away"] = Behaviour(says="Hi")
    assert (await lab.ask(ask())).headers["x-gateway-zone"] == "closed"
    assert (await lab.ask(turns("Hello", "Hi", "Go on"))).headers["x-gateway-zone"] == "closed"
    client = await lab.ask(turns("Hello", "The plan is secret", "Go on"))
    assert client.headers["x-gateway-zone"] == "local"


@case("50d")
async def a_seal_goes_to_no_vendor_but_the_one_whose_form_it_has(lab: Lab) -> None:
    use(lab, targets=[local("home"), closed("away", kind="anthropic", api_base="https://other.example")])
    thinking = {"type": "thinking", "thinking": "Hm", "signature": signature()}
    history = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": [thinking]},
               {"role": "user", "content": "Go on"}]  # fmt: skip
    await lab.ask(ask() | {"messages": history}, dialect=MESSAGES)
    stays(lab)


@case("51")
async def a_forbidden_category_stays_home_whatever_its_class(lab: Lab) -> None:
    clearance = {"max": "confidential", "forbid": ["hr"]}
    use(lab, targets=[local("home"), closed("away", clearance=clearance)],
        floors=[{"match": {"model": "auto"}, "categories": ["hr"]}])  # fmt: skip
    await lab.ask(ask())
    stays(lab)


@case("52")
async def a_deep_look_that_is_late_keeps_it_at_home(lab: Lab) -> None:
    class Late:
        async def look(self, texts: Any) -> Any:
            raise TimeoutError

    use(lab)
    lab.deep = Late()
    client = await lab.ask(ask())
    assert client.headers["x-gateway-zone"] == "local"
    stays(lab)


@case("53")
async def a_failover_to_a_vendor_is_looked_at_deeply_too(lab: Lab) -> None:
    class Finds:
        async def look(self, texts: Any) -> Any:
            return (Part("secret:tier2", Label(DataClass.RESTRICTED)),)

    use(lab, rules=[{"kind": "prefer", "by": "order", "order": ["home", "away"]}])
    lab.deep = Finds()
    lab.behaviours["home"] = Behaviour("error")
    await lab.ask(ask())
    stays(lab)


@case("54")
async def headers_carry_no_text(lab: Lab) -> None:
    use(lab)
    await lab.ask(ask(), tracestate=f"a={CARD}", anthropic_beta=MAIL, anthropic_version=f"card {CARD}")
    assert len(lab.left()) == 1
    assert not any(holds(str(one.headers).encode(), value) for one in lab.captured for value in (CARD, MAIL))


@case("55")
async def an_answer_that_nobody_waited_for_taints(lab: Lab) -> None:
    """Escape in a coding agent: the client has seen the card and hangs up."""

    class HangsUp(Exception):
        pass

    class Gone(Client):
        async def send(self, body: bytes) -> None:
            await super().send(body)
            if CARD.encode() in self.body:
                raise HangsUp

    use(lab)
    lab.behaviours["away"] = Behaviour(says=f"xyz{CARD}")
    with contextlib.suppress(HangsUp):
        await lab.ask(ask(stream=True), client=Gone(), x_gateway_session="s")
    assert (await lab.ask(ask("Go on"), x_gateway_session="s")).headers["x-gateway-zone"] == "local"


@case("56")
async def odd_shapes_break_nothing(lab: Lab) -> None:
    use(lab, targets=MASKING)
    deep = "[" * 300 + f'"{MAIL}"' + "]" * 300
    bodies = [
        ask([{"type": ["text"], "text": "x"}]),
        ask(f"Write to {MAIL}: {deep}"),
        ask(deep),
        ask() | {"messages": [{"role": "user", "content": "x", "n": 2**70}, {"role": "user", "content": MAIL}]},
        ask() | {"messages": []},
        ask() | {"messages": [None, 1, [], "x"]},
        ask("x", messages=[{"role": "user", "content": [{"type": "tool_result", "content": [{"type": ["a"]}]}]}]),
    ]
    for body in bodies:
        for dialect in (CHAT, MESSAGES):
            assert (await lab.ask(body, dialect=dialect)).status < 500
    stays(lab, MAIL)


@case("57")
async def media_under_another_name_cannot_be_read_either(lab: Lab) -> None:
    use(lab)
    data = "data:image/png;base64,AAAA"
    for content in (
        [{"type": "text", "text": "x", "image_url": {"url": data}}],
        [{"type": "message", "images": [data]}],
    ):
        assert (await lab.ask(ask(content))).headers["x-gateway-data-class"] == "restricted"
    turn = {"role": "user", "content": "x", "images": [data]}
    assert (await lab.ask(ask() | {"messages": [turn]})).headers["x-gateway-data-class"] == "restricted"
    assert (await lab.ask(ask(container="c_1"))).headers["x-gateway-data-class"] == "restricted"
    stays(lab)
