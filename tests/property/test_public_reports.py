"""Public reports of other tools, of December 2025 to November 2026, tried on this one.

Each line is a text of the kind that a report is about, written anew; what must be found in it ("" for nothing); and
the report. They were looked for by their symptoms, not by what this gateway does well. How they came out at first is in
docs/sensitivity.md.
"""

import base64
import random
import string

import pytest

from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import scanner_for

RANDOM = random.Random(20261201)


def drawn(size: int, letters: str = string.ascii_letters + string.digits) -> str:
    return "".join(RANDOM.choices(letters, k=size))


HEX = "0123456789abcdef"
PGP = f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{drawn(64)}\n{drawn(64)}\n=aB3d\n-----END PGP PRIVATE KEY BLOCK-----"
BASIC = base64.b64encode(b"deploy:Vq8rZk27TnpX").decode()
CFAT = drawn(48)
GHP = drawn(40)

REPORTS = [
    # numbers that are no telephone, card or id
    ('{"product_id": 3074185296}', "", "https://github.com/theopenco/llmgateway/pull/3641"),
    ("created_at 1755302400", "", "https://github.com/theopenco/llmgateway/pull/3641"),
    ("Item 4123456789012 is out of stock", "", "https://github.com/theopenco/llmgateway/pull/3641"),
    ("git revert a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "", "https://github.com/theopenco/llmgateway/pull/3641"),
    ("Order PO1234567 for part X12345", "", "https://github.com/theopenco/llmgateway/pull/3641"),
    ("Bump to version 1.2.3.4", "", "https://github.com/theopenco/llmgateway/pull/3641"),
    ("apiKey: YOUR_API_KEY_HERE_PLACEHOLDER", "", "https://github.com/theopenco/llmgateway/pull/3641"),
    ("Current system time:\nTue Jun 02 20:17:00 CST 2026", "", "https://github.com/nullclaw/nullclaw/issues/944"),
    ("the backup carries stamp 20260727202423", "", "https://github.com/garrytan/gstack/pull/2428"),
    ("20260823000001_reap_stale_notifications.sql", "", "https://github.com/garrytan/gstack/pull/2681"),
    ("host hosted-eu-20260812-09 is up", "", "https://github.com/langwatch/langwatch/pull/7017"),
    ("ticket 8675309412, port 4430912345", "", "https://github.com/NovasPlace/CSM/issues/95"),
    ('{"at_millis": 1785525294007, "until_millis": 1785525294015}', "", "https://github.com/tinyhumansai/tinycortex/pull/154"),
    ("translate(0%, -0.5309136012499991%)", "", "https://github.com/vectorize-io/hindsight/pull/4333"),
    ('account "47223179-9330-4259-8662-722426420330"', "", "https://github.com/vectorize-io/hindsight/pull/4333"),
    ("last seen at 1785525294 from 127.0.0.1", "", "https://github.com/rocketride-org/rocketride-server/pull/1825"),
    ("SKU DE1234567890, container MSCU7654321", "", "https://github.com/wso2-open-operations/cs-tools/pull/1177"),
    # code and prose that is no secret
    ("token = token.strip()\ntoken = get_token()\ntoken = None", "", "https://github.com/fajarhide/omni/issues/783"),
    ('token = os.environ["TOK"]\nsecret = other_var', "", "https://github.com/fajarhide/omni/issues/783"),
    ("The token bucket refills; the key to it is that each secret passes once.", "", "https://github.com/Consiliency/pmcp/issues/234"),
    ("TOKEN_EXPIRY=86400\nSECRET_ROTATION=false", "", "https://github.com/Automattic/wp-codebox/pull/409"),
    ('export FMP_API_KEY="[YOUR_API_KEY]"', "", "https://github.com/MehdiZare/fmp-data/pull/332"),
    ("open git@github.com:acme/tools.git, then build@ci", "", "https://github.com/phnx-labs/agi-cli/pull/3309"),
    # what was not found
    (f"FMP_API_KEY={drawn(32)}", "secret", "https://github.com/MehdiZare/fmp-data/pull/332"),
    (f'token = "ghp_{GHP[:36]}"', "secret", "https://github.com/fajarhide/omni/issues/783"),
    (f"GET https://api.example.com/v1/sk-proj-{drawn(48)}/status failed", "secret", "https://github.com/Consiliency/pmcp/issues/234"),
    (f"Authorization: Basic {BASIC}", "secret", "https://github.com/vshulcz/deja-vu/issues/171"),
    ("redis://:Vq8rZk27TnpX@cache.corp:6379/0", "secret", "https://github.com/vshulcz/deja-vu/issues/171"),
    (PGP, "secret", "https://github.com/vshulcz/deja-vu/issues/171"),
    ('Unable to connect to Postgres at "postgres://alice:Vq8rZk27TnpX@db.corp/app"', "secret", "https://github.com/malloydata/publisher/pull/915"),
    ("db=postgresql://dune:UlF83kdPqzR@prod-db:15432/dune", "secret", "https://github.com/coastal-ms/DST-DuneServerTool/pull/370"),
    ("postgres://ro@db.corp:5432/app?password=Vq8rZk27TnpX&sslmode=require", "secret", "https://github.com/pgrundev/pgbot/pull/53"),
    ("mongodb://svc:Vq8rZk27TnpX@mongo.corp/admin", "secret", "https://github.com/utksh1/SecuScan/issues/1762"),
    (f"Rotate the token cfat_{CFAT} before Friday.", "secret", "https://github.com/betterleaks/betterleaks/issues/355"),
    (f"cfut_{drawn(48)}", "secret", "https://github.com/cloudflare/cloudflare-docs/pull/29561"),
    (f"xapp-1-A{drawn(10, string.ascii_uppercase)}-{drawn(13, string.digits)}-{drawn(64, HEX)}", "secret", "https://github.com/daintreehq/daintree/issues/6396"),
    (f"OPENAI_ADMIN_KEY=sk-admin-{drawn(74)}", "secret", "https://github.com/daintreehq/daintree/issues/6396"),
    (f"Authorization: Bearer gbrain_at_{drawn(64, HEX)}", "secret", "https://github.com/garrytan/gbrain/pull/4740"),
    (f"access_token: syt_{drawn(12)}_{drawn(20)}_{drawn(6)}", "secret", "https://github.com/sonichi/sutando/pull/2267"),
    (f"oc login --token=sha256~{drawn(43)}", "secret", "https://github.com/KKloudTarus/synapse-ce/pull/894"),
    (f"ATATT3xFfGF0{drawn(170)}=1A2B3C4D", "secret", "https://github.com/KKloudTarus/synapse-ce/pull/894"),
    ('"privateKeyB64": "' + base64.b64encode(RANDOM.randbytes(120)).decode() + '"', "secret", "https://github.com/dataiku/dataiku-headless/pull/121"),
    (f'Aws Secret Access Key = "{drawn(40)}"', "secret", "https://github.com/IBM/cpex-plugins/pull/142"),
    ("Aadhaar: 2341 2341 2346", "national_id", "https://github.com/open-metadata/OpenMetadata/issues/31899"),
    ("आधार 2341-2341-2346", "national_id", "https://github.com/maziyarpanahi/openmed/issues/1492"),
    ("PAN of the company: AAACT2727Q", "national_id", "https://github.com/rohitcoder/hawk-eye/pull/47"),
    ("IBAN GB29 NWBK 6016 1331 9268 19", "iban", "https://github.com/agentguard-ai/tealtiger/issues/457"),
    ("手机号13800138000\uff0c身份证11010519491231002X", "national_id", "https://github.com/vectorize-io/hindsight/pull/3577"),
    ("Natel: 079 123 45 67", "phone", "https://github.com/tale-project/tale/pull/1659"),
    ("Patient John Smith, SSN 078-05-1120", "us_ssn", "https://github.com/BerriAI/litellm/issues/30728"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "report"), REPORTS, ids=[f"{n} {one[2][19:]}" for n, one in enumerate(REPORTS)]
)
def test_a_report_of_another_tool(text, kind, report):
    scan = scanner_for(SensitivitySpec()).scan({"messages": [{"role": "user", "content": text}]})
    found = {finding.detector.partition(":")[0] for finding in scan.findings}
    assert (kind in found) if kind else not found, (report, found)


def test_the_tail_of_a_token_that_is_longer_than_its_format_is_found_too():
    """https://github.com/opena2a-org/secretless-ai/issues/133."""
    text = f"ghp_{GHP}"
    scan = scanner_for(SensitivitySpec()).scan({"messages": [{"role": "user", "content": text}]})
    assert [(one.start, one.end) for one in scan.findings] == [(0, len(text))]
