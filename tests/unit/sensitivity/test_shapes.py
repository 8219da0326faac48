"""Secrets whose shape is more than a prefix are found with no word beside them; what resembles them is left alone."""
# ruff: noqa: E501 -- samples

import base64
import random

import pytest
from support.detecting import found

from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.detectors.secret import Secret
from gateway.sensitivity.scan import scanner_for

CHANCE = random.Random(5)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


def some(count: int, letters: str = LETTERS) -> str:
    return "".join(CHANCE.choice(letters) for _ in range(count - 4)) + "aB7z"[:4]


def hexes(count: int) -> str:
    return "".join(CHANCE.choice("0123456789abcdef") for _ in range(count))


JWT = "eyJhbGciOiAiUlMyNTYiLCAidHlwIjogIkpXVCJ9.eyJhaWQiOiAxLCAiaWlkIjogMjEyNzYyMzMsICJleHAiOiAxfQ"
DISCORD = base64.b64encode(b"833554414874518461").decode().rstrip("=")

SHAPES = {
    "a key of Azure OpenAI": some(52) + "JQQJ99" + some(26),
    "a token of Azure DevOps": some(76) + "AZDO" + some(4),
    "a key of an Azure function": some(44) + "AzFu" + some(6) + "==",
    "a password of an Azure registry": some(42) + "+ACR" + some(6),
    "a secret of an Entra application": "abc8Q~" + some(34),
    "a bot of Telegram": "4186648782:AA" + some(33),
    "a bot of Discord": f"{DISCORD}.xU9Y-u.{some(32)}",
    "a stateless token of GitHub": f"ghs_316979_{JWT}.{some(40)}",
    "a routable token of GitLab": f"{some(40)}.01.1a0b2c3d4",
    "a key of Zhipu": f"{hexes(32)}.{some(16)}",
    "a key of Mailgun": f"{hexes(32)}-{hexes(8)}-{hexes(8)}",
    "a token of Okta": "00" + some(40),
    "a wallet": "K" + some(51),
    "a hash of a shadow file": f"$6$pKiOi3155bYhRD00${some(86)}",
    "a yescrypt hash": f"$y$j9T$4igO.Y5mIYBJEsULVRSaPo${some(43)}",
    "a hash of htpasswd": f"$apr1$H998F4Jp${some(22)}",
    "an argon2 hash": f"$argon2id$v=19$m=65536,t=3,p=4${some(22)}${some(43)}",
    "a hash of Django": f"pbkdf2_sha256$600000${some(22)}${some(43)}=",
    "an access signature of Azure": f"https://a.blob.core.windows.net/c?sv=2024-11-04&sp=r&sig={some(43)}%3D",
    "a workflow of Teams": f"https://p.logic.azure.com/workflows/1/paths/invoke?api-version=2016-06-01&sig={some(43)}",
    "a signed address of AWS": f"https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature={hexes(64)}",
    "a signed address of Google": f"https://storage.googleapis.com/b/k?X-Goog-Expires=60&X-Goog-Signature={hexes(256)}",
    "a phrase of a wallet": 'mnemonic: "year mango winner legal pepper useful velvet pyramid ladder ocean rabbit zebra"',
    "a hook of Feishu": f"https://open.feishu.cn/open-apis/bot/v2/hook/{hexes(8)}-{hexes(4)}-{hexes(4)}-{hexes(4)}-{hexes(12)}",
    "a bearer of X": "A" * 22 + some(20) + "%3D" + some(50),
    "a file of Docker": '{"auths": {"r.acme.io": {"auth": "' + base64.b64encode(b"ci:Zq7Rk4Ab1Xw9").decode() + '"}}}',
    "a private JSON Web Key": f'{{"kty": "EC", "crv": "P-256", "x": "{some(43)}", "d": "{some(43)}"}}',
    "a symmetric JSON Web Key": f'{{"kty": "oct", "k": "{some(43)}"}}',
    "a secret of Kubernetes": "apiVersion: v1\ndata:\n  db-conn: bEJsOFA3cUlld01LZWxQTg==\nkind: Secret\n",
    "a file of minisign": f"untrusted comment: minisign encrypted secret key\nRWRTY0Iy{some(180)}",
}


@pytest.mark.parametrize("secret", SHAPES.values(), ids=SHAPES)
def test_it_is_found_with_no_word_beside_it(secret):
    assert found(Secret, f"please rotate {secret} before Friday")


PLAIN = {
    "a public JSON Web Key": f'{{"kty": "EC", "crv": "P-256", "x": "{some(43)}", "y": "{some(43)}"}}',
    "a hash of a package": f"sha512-{some(86)}==",
    "a fingerprint": "SHA1 Fingerprint=" + ":".join(hexes(2) for _ in range(20)),
    "a config map": "apiVersion: v1\ndata:\n  mode: production\nkind: ConfigMap\n",
    "a sealed secret": "kind: SealedSecret\nspec:\n  template:\n    type: Opaque\n",
    "words": "the mnemonic for the order of the planets and the names that are used with them is old",
    "a script": "awk '{print $1$2}' | sed \"s/$6//\" > $y",
    "a signature of a document": '"signature": "see the last page", sig=none',
    "a class of CSS": "sk-circle-fade-dot-animation-container",
    "zeros": "A" * 80,
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_what_resembles_one_is_left_alone(text):
    assert found(Secret, text) == []


def test_a_vendors_mark_is_sure_and_a_password_by_its_name_only_likely():
    scanner = scanner_for(SensitivitySpec())
    for text, sure in ((SHAPES["a bot of Telegram"], True), ("password = 'Sommer2025!'", False)):
        found = scanner.scan({"messages": [{"role": "user", "content": text}]}).findings
        assert {finding.sure for finding in found} == {sure}


def test_all_values_of_a_kubernetes_secret_are_one_finding():
    text = "kind: Secret\ndata:\n  a: bEJsOFA3cUlld01L\n  b: V2xQTmJFSnNPRkEz\nmore: 1\n"
    assert "a: bEJsOFA3cUlld01L\n  b: V2xQTmJFSnNPRkEz" in found(Secret, text)


@pytest.mark.parametrize(
    "text",
    [
        "00D" + some(12) + "!" + some(96),
        "00D" + some(15) + "!" + some(96),
        '"method":"auth.login_with_api_key", "params":["8-' + some(64) + '"]',
        "vault operator unseal " + some(43) + "=",
        "use the following password to proceed to installation:\n\n" + hexes(32),
        "https://things.example.org/api/v1/" + some(20) + "/telemetry",
        "wandb login " + hexes(40),
        'new DirectoryEntry("LDAP://corp", "CORP\\\\anna", "Sommer2024!")',
        "Connect-VIServer -Server vc1 -User anna -Password VMware1!",
    ],
)
def test_what_programs_ask_for_and_are_given_is_found(text):
    assert len(found(Secret, text)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "Connect-VIServer $server -Password $secret",
        "New-User -Password (Read-Host)",
        "/api/v1/users/telemetry",
        "wandb sync " + "runs/" + "latest",
        "operator unseal takes a key",
    ],
)
def test_their_manuals_are_left_alone(text):
    assert found(Secret, text) == []
