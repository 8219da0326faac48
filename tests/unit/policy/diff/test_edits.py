"""Seeded edits: each must be classified, say whom it concerns, and point at its line."""
# ruff: noqa: E501 -- a table

from dataclasses import dataclass

import pytest

from tests.unit.policy.diff.conftest import BASE, diff, edited, side

WIDENS, NARROWS, MOVES, COST = "WIDENS", "NARROWS", "MOVES", "COST"
EVERY = ()


@dataclass(frozen=True)
class Seeded:
    """What is replaced by what, and all changes that must come of it."""

    name: str
    find: str
    put: str
    at: str
    """Text of the line that is named; of the new policy, of the old one if only that has it."""
    changes: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...]
    """(kind, teams, beginning of the label, targets), in order."""


def seeded(name, find, put, at, *changes):
    return Seeded(name, find, put, at, changes)


ALL_CLOSED = ("gpt", "sonnet")

EDITS = [
    # what the matrices show
    seeded("clearance raised", "max: internal\n", "max: confidential\n", "max: confidential",
           (WIDENS, ("support",), "confidential (without pci, phi, secret)", ("sonnet",))),
    seeded("clearance lowered", "max: internal\n", "max: public\n", "max: public",
           (NARROWS, ("support",), "internal (without pci, phi, secret)", ("sonnet",))),
    seeded("short clearance raised", "{max: internal, forbid: [pci]}", "confidential", "clearance: confidential",
           (WIDENS, ("support",), "confidential (without phi)", ("gpt",)),
           (WIDENS, ("support",), "public … confidential (with pci)", ("gpt",))),
    seeded("category permitted", "forbid: [pci, secret]", "forbid: [pci]", "forbid: [pci]\n",
           (WIDENS, ("support",), "public … internal (with secret)", ("sonnet",))),
    seeded("category forbidden", "forbid: [pci, secret]", "forbid: [pci, secret, source]", "source]\n",
           (NARROWS, ("support",), "public … internal (with source)", ("sonnet",))),
    seeded("business associate", "contracts: [dpa]", "contracts: [dpa, baa]", "baa]",
           (WIDENS, ("support",), "public … internal (with phi)", ("sonnet",))),
    seeded("rule removed", '  - {id: shut, kind: deny, zones: [closed], when: "data_class >= RESTRICTED"}\n', "", "id: shut",
           (WIDENS, ("lab",), "restricted (all categories)", ("gpt", "sonnet"))),
    seeded("rule added", "  - {kind: max_cost", "  - {id: closed, kind: deny, targets: [gpt], when: \"team == 'support'\"}\n"
           "  - {kind: max_cost", "id: closed",
           (NARROWS, ("support",), "public … internal (without pci, phi)", ("gpt",))),
    seeded("rule loosened", "data_class >= RESTRICTED", "data_class >= RESTRICTED && team != 'lab'", "id: shut",
           (WIDENS, ("lab",), "restricted (all categories)", ("gpt", "sonnet"))),
    seeded("rule about categories", "data_class >= RESTRICTED", "data_class >= RESTRICTED || 'hr' in categories", "id: shut",
           (NARROWS, ("lab",), "public … confidential (with hr)", ALL_CLOSED),
           (NARROWS, ("support",), "public … internal (with hr)", ALL_CLOSED)),
    seeded("key let go", "key == 'ci'", "key == 'cd'", "id: ci",
           (WIDENS, ("lab",), "public … confidential (all categories) [key ci]", ("gpt",)),
           (WIDENS, ("support",), "public … internal (without pci, phi) [key ci]", ("gpt",)),
           (NARROWS, ("lab",), "public … confidential (all categories) [key cd]", ("gpt",)),
           (NARROWS, ("support",), "public … internal (without pci, phi) [key cd]", ("gpt",))),
    seeded("some keys let go", "startsWith('bot-')", "startsWith('bot-1')", "id: bots",
           (WIDENS, ("lab",), "public … confidential (all categories) [key bot-]", ("gpt",)),
           (WIDENS, ("support",), "public … internal (without pci, phi) [key bot-]", ("gpt",))),
    seeded("keys that nobody can try", "key.startsWith('bot-')", "key.startsWith('bot-') && !key.endsWith('9')", "id: bots",
           (WIDENS, EVERY, "", EVERY)),
    seeded("observed", "teams: {lab: observe}", "teams: {lab: observe, support: observe}", "mode:",
           (WIDENS, ("support",), "public … internal (with pci, phi)", ("gpt",)),
           (WIDENS, ("support",), "public … internal (without pci, phi) [kept to other regions]", ("gpt",)),
           (WIDENS, ("support",), "confidential (all categories)", ALL_CLOSED),
           (WIDENS, ("support",), "public … internal (with pci, phi, secret)", ("sonnet",)),
           (WIDENS, ("support",), "public … internal (without pci, phi, secret) [kept to other regions]", ("sonnet",))),
    seeded("enforced", "mode: {default: enforce, teams: {lab: observe}}", "mode: enforce", "mode: enforce",
           (NARROWS, ("lab",), "public … internal (with pci, phi)", ("gpt",)),
           (NARROWS, ("lab",), "public … internal (without pci, phi) [kept to other regions]", ("gpt",)),
           (NARROWS, ("lab",), "confidential (all categories)", ALL_CLOSED),
           (NARROWS, ("lab",), "public … internal (with pci, phi, secret)", ("sonnet",)),
           (NARROWS, ("lab",), "public … internal (without pci, phi, secret) [kept to other regions]", ("sonnet",))),
    seeded("another base", "https://api.anthropic.com", "https://proxy.example.com", "api_base: https://proxy",
           (WIDENS, ("lab",), "public … confidential (all categories)", ("sonnet",)),
           (WIDENS, ("support",), "confidential (no category) [by exception pilot]", ("sonnet",)),
           (WIDENS, ("support",), "public … internal (without pci, phi, secret)", ("sonnet",)),
           (NARROWS, ("lab",), "public … confidential (all categories)", ("sonnet",)),
           (NARROWS, ("support",), "confidential (no category) [by exception pilot]", ("sonnet",)),
           (NARROWS, ("support",), "public … internal (without pci, phi, secret)", ("sonnet",))),
    seeded("another region", "mask: [email]\n    region: us", "mask: [email]\n    region: jp", "region: jp",
           (WIDENS, ("lab",), "public … confidential (all categories)", ("sonnet",)),
           (WIDENS, ("support",), "confidential (no category) [by exception pilot]", ("sonnet",)),
           (WIDENS, ("support",), "public … internal (without pci, phi, secret)", ("sonnet",)),
           (NARROWS, ("lab",), "public … confidential (all categories)", ("sonnet",)),
           (NARROWS, ("support",), "confidential (no category) [by exception pilot]", ("sonnet",)),
           (NARROWS, ("support",), "public … internal (without pci, phi, secret)", ("sonnet",))),
    seeded("local turns closed", "zone: local\n    kind: openai\n    model: attic\n    endpoints: "
           "[http://127.0.0.1:8000/v1]\n",
           "zone: closed\n    kind: openai\n    model: attic\n    api_key_env: K\n    api_base: "
           "https://attic.example.com/v1\n", "zone: closed or api_base: or api_key_env:",
           *[(WIDENS, ("lab",), "public … confidential (all categories)", ("attic",)),
             (WIDENS, ("support",), "public … internal (without phi)", ("attic",))] * 2,
           (MOVES, EVERY, "", ("attic",))),
    seeded("new vendor", "  - id: gpt\n", "  - {id: more, zone: closed, kind: openai, model: gpt-5, api_key_env: K, clearance: "
           "public, price: catalog}\n  - id: gpt\n", "id: more",
           (WIDENS, ("lab",), "", ("more",)), (WIDENS, ("support",), "public (without phi)", ("more",))),
    seeded("new team", "  - {id: lab,", "  - {id: sales, default_class: internal}\n  - {id: lab,", "id: sales",
           (WIDENS, ("sales",), "public … internal (without pci, phi)", ("gpt",)),
           (WIDENS, ("sales",), "public … internal (without pci, phi, secret)", ("sonnet",))),
    seeded("forbidden licence", "license: {id: vendor, commercial_use: allowed}",
           "license: {id: vendor, commercial_use: forbidden}", "forbidden}",
           (NARROWS, ("lab",), "public … confidential (all categories)", ("sonnet",)),
           (NARROWS, ("support",), "confidential (no category) [by exception pilot]", ("sonnet",)),
           (NARROWS, ("support",), "public … internal (without pci, phi, secret)", ("sonnet",))),
    seeded("exception sees more", "     max: confidential}", "     max: confidential, categories: [pci]}", "max: confidential, cat",
           (WIDENS, ("support",), "public … confidential (with pci) [by exception pilot]", ("sonnet",))),
    # what makes texts look harmless
    seeded("detector off", "{kind: phone, enabled: false}", "{kind: iban, enabled: false}", "kind: iban or kind: phone",
           (WIDENS, EVERY, "restricted (findings of iban)", EVERY),
           (NARROWS, EVERY, "confidential (findings of phone)", EVERY)),
    seeded("class lowered", "{kind: email, class: confidential,", "{kind: email, class: internal,", "kind: email",
           (WIDENS, EVERY, "confidential → internal", EVERY)),
    seeded("class raised", "{kind: email, class: confidential,", "{kind: email, class: restricted,", "kind: email",
           (NARROWS, EVERY, "confidential → restricted", EVERY)),
    seeded("more distinct", "min_distinct: 5", "min_distinct: 50", "kind: email", (WIDENS, EVERY, "findings of email", EVERY)),
    seeded("ignored", '["*@corp.example"]', '["*@corp.example", "*@*.org"]', "kind: email",
           (WIDENS, EVERY, "findings of email", EVERY)),
    seeded("ignored no more", ', ignore: ["*@corp.example"]', "", "kind: email", (NARROWS, EVERY, "findings of email", EVERY)),
    seeded("custom detector removed", "    - {kind: custom, id: ticket, pattern: 'TKT-\\d+', class: internal, context: "
           "[ticket, case]}\n", "", "id: ticket", (WIDENS, EVERY, "internal (findings of ticket)", EVERY)),
    seeded("pattern changed", r"TKT-\d+", r"TKT-\d{6}", "id: ticket", (WIDENS, EVERY, "findings of ticket", EVERY)),
    seeded("context given up", ", context: [ticket, case]", "", "id: ticket", (NARROWS, EVERY, "findings of ticket", EVERY)),
    seeded("words removed", "words: [Atlas, Borealis]", "words: [Atlas]", "id: projects",
           (WIDENS, EVERY, "findings of projects", EVERY)),
    seeded("words added", "words: [Atlas, Borealis]", "words: [Atlas, Borealis, Cygnus]", "id: projects",
           (NARROWS, EVERY, "findings of projects", EVERY)),
    seeded("unscannable lowered", "on_unscannable: restricted", "on_unscannable: internal", "on_unscannable: internal",
           (WIDENS, EVERY, "what cannot be scanned: restricted → internal", EVERY)),
    seeded("default class lowered", "{id: legal, default_class: confidential}", "{id: legal, default_class: public}", "id: legal",
           (WIDENS, ("legal",), "confidential → public", EVERY)),
    seeded("floor removed", "  - {match: {team: legal}, class: confidential, categories: [legal], regions: [eu]}\n", "",
           "match: {team: legal}", (WIDENS, ("legal",), "confidential (legal) only in eu → public", EVERY)),
    seeded("floor raised", '{key: "hr-*"}, class: internal', '{key: "hr-*"}, class: restricted', "hr-*",
           (NARROWS, EVERY, "internal → restricted", EVERY)),
    # what is given away by name
    seeded("exception added", "exceptions:\n", "exceptions:\n  - {id: new, owner: o, reason: r, teams: [lab], from: 2026-11-01, "
           "until: 2026-11-30, targets: [gpt], max: confidential}\n", "id: new", (WIDENS, ("lab",), "up to confidential", ("gpt",))),
    seeded("exception extended", "until: 2026-12-01, targets", "until: 2027-01-15, targets", "id: pilot",
           (WIDENS, ("support",), "up to confidential", ("sonnet",))),
    seeded("exception shortened", "until: 2026-12-01,\n", "until: 2026-11-20,\n", "id: sample",
           (NARROWS, ("support",), "findings of credit_card", EVERY)),
    seeded("mask added", "mask: [email]", "mask: [email, iban]", "iban]", (WIDENS, EVERY, "masked text", ("sonnet",))),
    seeded("contract named", "contracts: [dpa]", "contracts: [dpa, zdr]", "zdr]", (WIDENS, EVERY, "", ("sonnet",))),
    seeded("networks grow", "203.0.113.0/24", "203.0.112.0/23", "local_networks", (WIDENS, EVERY, "every class", ("(local)",))),
    seeded("networks shrink", "203.0.113.0/24", "203.0.113.0/25", "local_networks", (NARROWS, EVERY, "every class", ("(local)",))),
    seeded("guard removed", "invariants:\n  - {name: legal stays home, for: {team: legal, class: [internal, restricted]}, never: {zone: closed}}\n", "",
           "legal stays home", (WIDENS, EVERY, "", EVERY)),
    seeded("guard added", "invariants:\n", "invariants:\n  - {name: more, for: {class: restricted, team: support}, never: "
           "{zone: closed}}\n", "name: more", (NARROWS, EVERY, "", EVERY)),
    seeded("guard weakened", "never: {zone: closed}", "never: {target: gpt}", "legal stays home",
           (WIDENS, EVERY, "", EVERY)),
    seeded("guard about fewer", "never: {zone: closed}", "never: {zone: [closed], target: [gpt, sonnet]}",
           "legal stays home", (WIDENS, EVERY, "", EVERY)),
    seeded("guard about more", "{team: legal, class: [internal, restricted]}", "{team: legal}", "legal stays home",
           (NARROWS, EVERY, "", EVERY)),
    seeded("exception removed", "  - {id: sample, owner: ciso, reason: test cards, teams: [support], from: 2026-11-01, until: "
           "2026-12-01,\n     detectors: [credit_card]}\n", "", "id: sample", (NARROWS, ("support",), "findings of credit_card", EVERY)),
    seeded("word list removed", "  word_lists:\n    - {id: projects, class: confidential, categories: [source], words: "
           "[Atlas, Borealis]}\n", "", "id: projects", (WIDENS, EVERY, "confidential (findings of projects)", EVERY)),
    # what only goes elsewhere
    seeded("rollout grows", "percent: 10", "percent: 25", "percent: 25", (MOVES, EVERY, "", ("home",))),
    seeded("rollout for others", "when: \"team == 'support'\", to", "when: \"team == 'lab'\", to", "id: first",
           (MOVES, EVERY, "", ("home",))),
    seeded("rollout elsewhere", "to: attic", "to: home", "id: second", (MOVES, EVERY, "", ("home",))),
    seeded("candidates", "candidates: [home, sonnet, gpt]", "candidates: [home, sonnet]", "name: auto",
           (MOVES, EVERY, "", ("home", "sonnet"))),
    seeded("model added", "models:\n", "models:\n  - {name: fast, candidates: [attic]}\n", "name: fast", (MOVES, EVERY, "", ("attic",))),
    seeded("substitution", "{name: auto, candidates: [home, sonnet, gpt]}", "{name: auto, incumbent: home, candidates: "
           "[home, sonnet, gpt], substitution: free}", "name: auto", (MOVES, EVERY, "", ("gpt", "home", "sonnet"))),
    seeded("preference", "kind: prefer, by: cost", "kind: prefer, by: latency", "id: then", (MOVES, EVERY, "", EVERY)),
    seeded("quality", "quality: {default: 0.82, code: 0.74}", "quality: {default: 0.82, code: 0.9}", "code: 0.9",
           (MOVES, EVERY, "", ("home",))),
    seeded("quality floor", "min: 0.8", "min: 0.7", "min: 0.7", (MOVES, EVERY, "", EVERY)),
    seeded("ceiling", "usd: 0.50", "usd: 0.60", "kind: max_cost", (MOVES, EVERY, "", EVERY)),
    seeded("task", '["claude-cli/*", "codex*"]', '["claude-cli/*"]', "id: code", (MOVES, EVERY, "", EVERY)),
    seeded("parameters", "temperature: 0.7", "temperature: 0.2", "temperature: 0.2", (MOVES, EVERY, "", ("home",))),
    seeded("dialects", "    capabilities: [tools, json_schema]", "    dialects: [openai.chat]\n    capabilities: [tools, json_schema]",
           "dialects", (MOVES, EVERY, "", ("home",))),
    seeded("capability", "[tools, json_schema]", "[tools]", "capabilities", (MOVES, EVERY, "", ("home",))),
    seeded("local clearance", "clearance: restricted", "clearance: confidential", "clearance: confidential",
           (MOVES, EVERY, "", ("home",))),
    seeded("words for callers", "client files", "files of clients", "kind: residency", (MOVES, EVERY, "", EVERY)),
    seeded("task removed", '  - {id: bulk, match: {key: "batch-*"}}\nsens', "sens", "id: bulk", (MOVES, EVERY, "", EVERY)),
    seeded("preference removed", "  - {id: then, kind: prefer, by: cost}\ninv", "inv", "id: then", (MOVES, EVERY, "", EVERY)),
    # what it costs
    seeded("price", "gpu_hour_usd: 2.50", "gpu_hour_usd: 3.50", "gpu_hour_usd", (COST, EVERY, "", ("home",))),
    seeded("budget", "usd: 500", "usd: 900", "usd: 900", (COST, ("support",), "", EVERY)),
    seeded("cost centre", '"4711"', '"4712"', "cost_center", (COST, ("support",), "", EVERY)),
    seeded("reference", "reference: sonnet", "reference: gpt", "reference: gpt", (COST, ("support",), "", EVERY)),
]  # fmt: skip


TURNED = [
    ("tasks", '  - {id: code, match: {user_agent: ["claude-cli/*", "codex*"]}}\n', "id: bulk"),
    ("rules", "  - {id: first-order, kind: prefer, by: quality, when: \"task == 'code'\"}\n", "id: then"),
    ("rollouts", "  - {id: first, model: \"claude-*\", when: \"team == 'support'\", to: home, percent: 10, unit: session}\n", "id: second"),
]  # fmt: skip


@pytest.mark.parametrize(("section", "line", "following"), TURNED)
def test_an_order_that_means_something_is_a_move(base, section, line, following):
    text = edited(line, "")
    below = next(one for one in text.splitlines(keepends=True) if following in one)

    (change,) = diff(base, side(edited(below, below + line, text))).changes

    assert (change.kind, change.effect.what.split(":")[0]) == (MOVES, f"order of {section}")
    assert text.splitlines()[change.place.line - 1] + "\n" == below


@pytest.mark.parametrize("seeded", EDITS, ids=lambda one: one.name)
def test_an_edit_is_classified_and_found(seeded, base):
    text = edited(seeded.find, seeded.put)

    found = diff(base, side(text))

    changes = [(str(one.kind), one.effect.teams, one.effect.label, one.effect.targets) for one in found.changes]
    assert [(kind, teams, targets) for kind, teams, _, targets in changes] == [
        (kind, teams, targets) for kind, teams, _, targets in seeded.changes
    ]
    for (_, _, label, _), (_, _, expected, _) in zip(changes, seeded.changes, strict=True):
        assert label.startswith(expected)
    for change in found.changes:
        lines = (text if change.place.side == "new" else BASE).splitlines()
        assert any(at.strip() in lines[change.place.line - 1] for at in seeded.at.split(" or "))
        assert change.place.side == "new" or seeded.find not in text
