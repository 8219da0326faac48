"""Secrets that only their name gives away, and what names are given that is none."""

import pytest
from support.detecting import found

from gateway.sensitivity.detectors.secret import Secret
from gateway.sensitivity.likelihood import Assigned, features, likelihood
from gateway.sensitivity.likelihood_weights import WEIGHTS
from gateway.sensitivity.placeholder import entropy, is_placeholder

VALUE = "Zq7Rk4Ab1Xw9"


@pytest.mark.parametrize(
    "text",
    [
        f'password = "{VALUE}"',
        f"DB_PASSWORD={VALUE}",
        f'"api_key": "{VALUE}{VALUE}"',
        f"client_secret: {VALUE}",
        f"<password>{VALUE}</password>",
        f'<add key="password" value="{VALUE}"/>',
        f"define('DB_PASSWORD', '{VALUE}');",
        f"run --token {VALUE}{VALUE} x",
        f"the password is {VALUE}.",
        f"acme TOKEN {VALUE}{VALUE}",
    ],
)
def test_secrets(text):
    assert any(VALUE in each for each in found(Secret, text))


@pytest.mark.parametrize(
    "text",
    [
        "password = None",
        "token = self.next_token()",
        "token: str",
        "password: mqttConfig?.password,",
        'api_key = "your-api-key"',
        "TOKEN=${GITHUB_TOKEN}",
        "max_tokens = 4096",
        "image: registry/token:5.11.29",
        "--hash=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "typeof password === 'function'",
        "key = lambda each: each.size",
    ],
)
def test_what_is_none(text):
    assert found(Secret, text) == []


def test_there_is_a_weight_for_each_feature():
    assert len(features(Assigned("a", "", "b", ""))) == len(WEIGHTS)
    assert 0 <= likelihood(Assigned("password", '"', VALUE, '"')) <= 1


def test_randomness_is_measured():
    assert entropy("") == entropy("aaaa") == 0
    assert entropy("abcd") == 2
    assert is_placeholder("xxxx")
    assert not is_placeholder(VALUE)


@pytest.mark.parametrize(
    "text",
    [
        "def sign(self, key: Ed25519PrivateKey | Ed448PrivateKey) -> bytes:",
        "username: Optional[str],\npassword: Optional[str],\nhost: str",
        "password = models.CharField(max_length=100)",
        "dependencies = [('authtoken', '0002_auto_20160226_1747')]",
        'data = {"password1": password, "password2": password}',
        "tidx, token = tlist.token_next_by(m=sql.Over.M_OPEN, idx=tidx)",
        'f"host={dbhost!r}, user={dbuser!r}, password={dbpass!r}"',
        "username: str\n        password: _TriStateType\n        host = 1",
        "dynamodb://aws_access_key_id:aws_secret_access_key@region/table",
        "azureservicebus://SAS_POLICY_NAME:SAS_KEY@SERVICE_BUSNAMESPACE",
        "py312-dj42-mysql\n    py313-dj52-postgres",
        'author_uid = "aelkheir"',
        "Py_BuildValue(pwd->pw_name, pwd->pw_passwd)",
        "my $jar = HTTP::CookieJar::LWP->new;",
        "croak if $key =~ '/^$URI::scheme_re\\\\z/';",
        'password = luigi.Parameter(default="")',
        ":param passwd: **DEPRECATED** Alias for password.",
        "--with-password-timeout=0",
        'raise errors.OAuth2Error("uh-oh")',
        'claims.setdefault("id_token_encrypted_response_enc", "A128CBC-HS256")',
        "curl -u admin:password http://127.0.0.1:8000/users/",
    ],
)
def test_types_arguments_migrations_and_algorithms_are_no_secrets(text):
    assert found(Secret, text) == []


@pytest.mark.parametrize("sign", ["::=", ":=", "="])
def test_assignments_of_make_are_read(sign):
    assert found(Secret, f'SONAR_TOKEN {sign} "{VALUE}"') != []
