"""What a sensitive value can hide behind, and what only looks like one: a body, and the least level it must have.

The rows follow the checklist of the design; every value is made up or published for tests.
"""
# ruff: noqa: E501, RUF001 -- confusable letters are what this is about

import base64
import gzip
import json

import pytest

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import scan_request

PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = DataClass
CARD = "4539148803436467"
SPACED = "4539 1488 0343 6467"
GITHUB = "ghp_Zq7Rk4Ab1Xw9Lm3Pt5VnHs8Jd2Kf6GcTyUe1"
AWS = "AKIAZ7QK4XW2LM3PT5VN"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAzq7Rk4Ab1Xw9Lm3Pt5VnHs8Jd2Kf6GcTyUe\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI5MTIzODQ3In0.Sg1Zq7Rk4Ab1Zq7Rk4Ab1Zq7Rk4"


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def wrapped(text: str, times: int) -> str:
    for _ in range(times):
        text = b64(text)
    return text


def ask(*texts):
    return {"model": "m", "messages": [{"role": "user", "content": text} for text in texts]}


def parts(*listed):
    return {"model": "m", "messages": [{"role": "user", "content": list(listed)}]}


def call(arguments: str):
    function = {"name": "pay", "arguments": arguments}
    return {"messages": [{"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": function}]}]}


TEXTS = [
    # cards
    ("card with spaces", f"Charge {SPACED} please.", RESTRICTED),
    ("card without separators", f"Charge {CARD} please.", RESTRICTED),
    ("card, bad Luhn digit", "Charge 4539 1488 0343 6468 please.", PUBLIC),
    ("card in Amex groups", "amex 3714 079307 19123", RESTRICTED),
    ("card in a URL", f"https://shop.test/pay?card={CARD}&x=1", RESTRICTED),
    ("card, a group a line", "4539\n1488\n0343\n6467", RESTRICTED),
    ("card in full width", "４５３９ １４８８ ０３４３ ６４６７", RESTRICTED),
    ("card in Arabic digits", "٤٥٣٩ ١٤٨٨ ٠٣٤٣ ٦٤٦٧", RESTRICTED),
    ("card with zero-width spaces", "\u200b".join(CARD), RESTRICTED),
    ("card with soft hyphens", "4539\u00ad1488\u00ad0343\u00ad6467", RESTRICTED),
    ("card in an override", f"\u202e{CARD}\u202c", RESTRICTED),
    ("card with no-break spaces", "4539\u00a01488\u00a00343\u00a06467", RESTRICTED),
    ("card in HTML entities", "".join(f"&#{ord(digit)};" for digit in CARD), RESTRICTED),
    ("card in hexadecimal entities", "".join(f"&#x{ord(digit):x};" for digit in CARD), RESTRICTED),
    ("card percent-encoded", "".join(f"%{ord(digit):02x}" for digit in CARD), RESTRICTED),
    ("card in base64", f"decode {b64('card ' + SPACED)}", RESTRICTED),
    ("card in base64 twice", wrapped(f"card {SPACED}", 2), RESTRICTED),
    ("card in hexadecimal", f"0x {SPACED.encode().hex()}", RESTRICTED),
    ("card in JSON escapes", "".join(f"\\u00{ord(digit):x}" for digit in CARD), RESTRICTED),
    ("card with dots", "4539.1488.0343.6467", RESTRICTED),
    ("security code", "card ending 1111, exp 12/27, CVV: 737", RESTRICTED),
    # numbers of people
    ("SSN", "SSN 219-09-9999", RESTRICTED),
    ("SSN without a label", "it is 219-09-9999.", RESTRICTED),
    ("ITIN", "ITIN 912-70-1234", RESTRICTED),
    ("SSN of no area", "000-12-3456", PUBLIC),
    ("part number", "part 219-09-9999-A", PUBLIC),
    ("IBAN", "DE89 3704 0044 0532 0130 00", RESTRICTED),
    ("IBAN, bad sum", "DE88 3704 0044 0532 0130 00", PUBLIC),
    ("IBAN in lower case", "de89370400440532013000", RESTRICTED),
    ("e-mail", "write to jane.doe@acme-corp.io", CONFIDENTIAL),
    ("decorator", "@app.route('/x')\n@pytest.mark.parametrize", PUBLIC),
    ("git remote", "git clone git@github.com:org/repo.git", PUBLIC),
    ("phone E.164", "+442079460958", CONFIDENTIAL),
    ("phone US", "call (415) 867-5309 now", CONFIDENTIAL),
    ("phone ES", "+34 612 345 678", CONFIDENTIAL),
    ("phone CN", "+86 138 1234 5678", CONFIDENTIAL),
    ("phone JP", "tel 03-1234-5678", CONFIDENTIAL),
    ("id ES", "DNI 12345678Z", RESTRICTED),
    ("id ES, wrong letter", "code 12345678A", PUBLIC),
    ("NIE", "X1234567L", RESTRICTED),
    ("id UK", "NINO QQ123456C, AB123456C", RESTRICTED),
    ("id CN", "身份证 11010519491231002X", RESTRICTED),
    ("id BR", "CPF 390.533.447-05", RESTRICTED),
    ("id IT", "RSSMRA85T10A562S", RESTRICTED),
    ("id FR", "2 95 10 99 126 111 93", RESTRICTED),
    ("id IN", "Aadhaar 2341 2341 2346", RESTRICTED),
    ("id DE", "Steuer-ID 36574261809", RESTRICTED),
    ("id PL", "PESEL 44051401359", RESTRICTED),
    ("id NL", "BSN 111222333", RESTRICTED),
    ("id BE", "85.07.30-033.28", RESTRICTED),
    ("id CH", "756.9217.0769.85", RESTRICTED),
    ("passport", "Passport No: C01X00T47", RESTRICTED),
    ("MRN", "MRN: 00123456", CONFIDENTIAL),
    ("EIN", "EIN 12-3456789", CONFIDENTIAL),
    ("account", "account number 1234567890", CONFIDENTIAL),
    ("private address", "ssh 10.20.30.40", INTERNAL),
    ("private host", "http://jira.corp/browse", INTERNAL),
    # secrets
    ("AWS key in a code block", f"```python\nKEY = '{AWS}'\n```", RESTRICTED),
    ("GitHub token", f"```\ngit push https://{GITHUB}@github.com/o/r\n```", RESTRICTED),
    ("PEM", f"```\n{PEM}\n```", RESTRICTED),
    ("PEM, escaped", json.dumps({"key": PEM}), RESTRICTED),
    ("PEM in base64", b64(PEM), RESTRICTED),
    ("JWT", f"Authorization: Bearer {JWT}", RESTRICTED),
    ("Kubernetes secret", f"kind: Secret\ndata:\n  password: {b64('Zq7Rk4Ab1Xw9')}", RESTRICTED),
    ("database URL", "postgres://svc:Zq7Rk4Ab1@db.acme.io:5432/prod", RESTRICTED),
    ("connection string", "Server=db;User Id=sa;Password=Zq7!Rk4Ab1;", RESTRICTED),
    ("curl -u", "curl -u admin:Zq7Rk4Ab1 https://api.acme.io", RESTRICTED),
    ("basic auth", f"Authorization: Basic {b64('admin:Zq7Rk4Ab1')}", RESTRICTED),
    ("password in prose", "my password is Zq7Rk4Ab1, do not tell", RESTRICTED),
    ("password in Cyrillic disguise", "раsswоrd: Zq7Rk4Ab1", RESTRICTED),
    ("password in Polish", "hasło: Zq7Rk4Ab1", RESTRICTED),
    ("password in Russian", "пароль: Zq7Rk4Ab1", RESTRICTED),
    ("password in Chinese", "密码: Zq7Rk4Ab1", RESTRICTED),
    ("Slack webhook", "https://hooks.slack.com/services/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", RESTRICTED),
    # what must stay public
    ("placeholder key", "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx", PUBLIC),
    ("your key here", 'api_key = "YOUR_API_KEY_HERE"', PUBLIC),
    ("environment", 'password = os.environ["DB_PASSWORD"]', PUBLIC),
    ("shell variable", "export TOKEN=${GITHUB_TOKEN}", PUBLIC),
    ("request field", 'password = request.POST["password"]', PUBLIC),
    ("git SHA", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8", PUBLIC),
    ("UUID", "id 550e8400-e29b-41d4-a716-446655440000", PUBLIC),
    ("SRI hash", f'integrity="sha512-{b64(bytes(range(64)))}"', PUBLIC),
    ("SHA-256", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", PUBLIC),
    ("multiplication table", "\n".join(" ".join(str(a * b) for b in range(1, 13)) for a in range(1, 13)), PUBLIC),
    ("version", "numpy==1.26.4, chrome 120.0.6099.109, v2.4.0.1", PUBLIC),
    ("floats", "[0.4539148803436467, 3.141592653589793, 2.718281828459045]", PUBLIC),
    ("ISBN and epoch", "ISBN 978-3-16-148410-0, 1732290000, 1732290000123", PUBLIC),
    ("name only", "Ask Jane Doe in Berlin about it.", PUBLIC),
    ("localhost", "http://localhost:8080 and 127.0.0.1", PUBLIC),
    ("function signature", "def login(username: str, password: str) -> Token:", PUBLIC),
]

POSITIONS = [
    ("tool arguments", call(json.dumps({"card": CARD}))),
    ("tool arguments, escaped twice", call(json.dumps({"inner": json.dumps({"card": f'a"{SPACED}"'})}))),
    (
        "tool input as an object",
        parts({"type": "tool_use", "id": "1", "name": "f", "input": {"password": "Zq7Rk4Ab1"}}),
    ),
    ("tool result", {"messages": [{"role": "tool", "tool_call_id": "1", "content": SPACED}]}),
    ("tool description", {"tools": [{"type": "function", "function": {"name": "f", "description": SPACED}}]}),
    ("system prompt", {"system": SPACED}),
    ("system message", {"messages": [{"role": "system", "content": SPACED}]}),
    ("user", {"user": SPACED}),
    ("metadata", {"metadata": {"note": SPACED}}),
    ("a key", {"metadata": {GITHUB: 1}}),
    ("response schema", {"response_format": {"json_schema": {"schema": {"properties": {"x": {"const": SPACED}}}}}}),
    ("stop", {"stop": [SPACED]}),
    ("prediction", {"prediction": {"type": "content", "content": SPACED}}),
    ("logit bias", {"logit_bias": {CARD: 1}}),
    ("grammar", {"guided_regex": f"({SPACED})"}),
    ("adjacent parts", parts({"type": "text", "text": "4539 1488"}, {"type": "text", "text": " 0343 6467"})),
    (
        "adjacent parts, cut in a word",
        parts({"type": "text", "text": GITHUB[:17]}, {"type": "text", "text": GITHUB[17:]}),
    ),
    ("two user turns", ask("my card: 4539 1488", "0343 6467, thanks")),
    ("image", parts({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}})),
    ("remote image", parts({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}})),
    ("PDF", parts({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0="}})),
    ("audio", parts({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}})),
    ("unknown part", parts({"type": "hologram", "x": 1})),
    ("file id", parts({"type": "file", "file": {"file_id": "file-1"}})),
    ("gzip in base64", ask(b64(gzip.compress(SPACED.encode())))),
    ("deeper than one looks", ask(wrapped(f"card {SPACED}", 5))),
    ("tokens", {"prompt": [[1, 2, 3]]}),
    ("tokens of an embedding", {"input": [1, 2, 3]}),
    ("large text, card at the end", ask("All is well with the plan. " * 14_000 + SPACED)),
]

FLOODS = ["a@a.", "4", '"', "a", "password=", "4539 1488 0343 6467 ", "://a:b@", "\\", "&#52;", "1\u200b", "漢"]


@pytest.mark.parametrize(("text", "least"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_texts(text, least):
    found = scan_request(ask(text), SensitivitySpec())

    assert found.label.data_class >= least, found.findings
    assert (found.label.data_class is PUBLIC) == (least is PUBLIC), found.findings


@pytest.mark.parametrize("body", [row[1] for row in POSITIONS], ids=[row[0] for row in POSITIONS])
def test_positions(body):
    assert scan_request(body, SensitivitySpec()).label.data_class is RESTRICTED


@pytest.mark.parametrize("piece", FLOODS)
def test_floods_end_without_an_exception_and_never_as_failures(piece):
    found = scan_request(ask(piece * 200_000), SensitivitySpec())

    assert not any(part.kind.endswith(":failed") for part in found.parts)


def test_there_are_as_many_as_the_checklist_has():
    assert len(TEXTS) + len(POSITIONS) + len(FLOODS) >= 96
