"""What only looks as if it held a secret is left alone: names of things, versions, licences, ciphers, translations."""
# ruff: noqa: E501 -- samples

import pytest
from support.detecting import found

from gateway.sensitivity.detectors.secret import Secret
from gateway.sensitivity.harmless import is_harmless_name, is_harmless_value, is_name, is_translated

DIGEST = "b3ae16f0afd49e4231be2174b2dc552a15d5ec481cfacd9b2512cb96041b320e"
SEALED = "AgBy" + "oK9tQzs2hDIWk3Zq0Ax8wh7u" * 5

HARMLESS = {
    "a line that grep found": "TypeTokenTest.java:17:package com.google.gson;",
    "a document that grep found": "docs/password.md:61:- `keepers` (Map of String)",
    "a warning of a compiler": "KeyBind.c:1017:24: warning: cast from pointer",
    "the key of a cache": f"<!-- cache-key: cdktf-0.20.8 input-{DIGEST} -->",
    "the name of a Kubernetes secret": "secretName: haproxy.local-tls\nkey: mysql-root-password\nexistingSecret: app-credentials",
    "a line of go.sum": "github.com/x/auth v1.2.0/go.mod h1:7u3lUM9gWS697s1zZBhoIzQJwkSIZqqD4ejdKkbP+I0=",
    "a line of go.mod": "github.com/hashicorp/nomad/api v0.0.0-20260807203101-d78b9b59529a",
    "a licence": "License: LGPL-2.1+\nLicense-Expression: LGPL-3.0-only",
    "a licence in a header": "/* SPDX-License-Identifier: LGPL-2.1+ WITH Linux-syscall-note */",
    "an author": "Author: Lukasz Mierzwa <someone@users.example>\nCo-authored-by: Nirbheek Chauhan",
    "the verb": "Pass `--full-trace` to see them, or pass 'delay' to the constructor.",
    "a translated label": '{"LABEL_PASSWORD": "Passwort", "password": "Mot de passe", "PASSWORD": "パスワード"}',
    "a question to the user": '"forgot_password": "Forgot your password?"',
    "what is sealed": f"kind: SealedSecret\nspec:\n  encryptedData:\n    password: {SEALED}",
    "what sops has sealed": "password: ENC[AES256_GCM,data:9tQzs2hDIWk3,iv:Zq0Ax8wh7u=,type:str]",
    "a call": "token = get_token()\npassword = getpass.getpass()",
    "a type": "password: str\ntoken: SecretStr | None",
    "a number of code": "#define TCP_FASTOPEN_KEY 0x21\nSMART_SET_PASS = 0x4f\nseed = 0x12345678\nrandom.seed(1234567890)",
    "a key of minified code": '["path",{d:"M18 6 6 18",key:"1bl5f8"}],["line",{x1:"4",key:"vyu0kd"}]',
    "a word of a list": '- keyword: "sikhs"\n- keyword: "methodists"',
    "a commit": "gnutls_session_get_desc: avoid printing a null\npre_shared_key: skip the rest",
    "the name of a key pair": "<gpg.keyname>67893CC4</gpg.keyname> <token>@projectartifactid@</token>",
    "an empty password": 's.password="",s.host=null,s.port=null,s.path=[],s.query=null',
    "a phrase of English": "The columns are identified by stating their names. Works are identified as derived.",
    "a word in a manual": "run with --ask-password simultaneously; --user and --password options differ",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_it_is_left_alone(text):
    assert found(Secret, text) == []


@pytest.mark.parametrize("name", ["License", "cache-key", "keyword", "secretName", "Co-authored-by", "max_tokens"])
def test_names_that_hold_no_secret(name):
    assert is_harmless_name(name, "anything")


@pytest.mark.parametrize("name", ["client_secret", "oauth_token_secret", "storage_key", "LINKEDIN_KEY", "access_token"])
def test_names_that_may_hold_one(name):
    assert not is_harmless_name(name, "anything")


def test_values():
    assert is_harmless_value("v1.2.3-rc1")
    assert is_harmless_value("vault:v1:abc")
    assert not is_harmless_value("Zq7Rk4Ab1Xw9")
    assert is_name("mysql-root-password")
    assert not is_name("kvooctma-ixzs-bckv-vuac")
    assert is_translated("Kennwort")
