"""Values in which kinds of characters follow each other as if drawn by lot are keys; words, paths and code are none."""

import random
import string

import pytest

from gateway.sensitivity.likelihood import Assigned, is_jumbled, is_secret

ALPHABETS = {
    "base64": string.ascii_letters + string.digits + "+/",
    "for addresses": string.ascii_letters + string.digits + "-_.",
    "Django": string.ascii_lowercase + string.digits + "!@#%^&*-_=+",
}


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
@pytest.mark.parametrize("name", ["secret", "API_KEY", "auth_token"])
def test_nearly_every_random_value_of_forty_is_found(name, alphabet):
    chance = random.Random(3)
    values = ["".join(chance.choice(alphabet) for _ in range(40)) for _ in range(500)]
    assert sum(is_secret(Assigned(name, '"', value, '"')) for value in values) >= 470


@pytest.mark.parametrize(
    "value",
    [
        "HRhTCbQF43Uf5ht8Q2/MJon52i2dNdDee6FIow2W",
        "cT4ewsp-dnu_x9wy$",
        "AQAAUPJ-iQc.yLFDzC5RRHzPNDThhulREdoG0Bn3PiZMwJ6yqC6uJLE",
    ],
)
def test_signs_do_not_matter(value):
    assert is_jumbled(Assigned("secret", '"', value, '"'))


@pytest.mark.parametrize(
    "value",
    [
        "projects/My-App1/secrets/Database2-Password",
        "s.HOME?g=m:e.key===s.END1",
        "https://Login1.example.org/oAuth2/Token3",
        "application.properties.SecretKey12",
        "0123456789-0123456789",
        "{base64:Zq1}{other:Yx2Wv3}",
        "1f0c2b7e-8a3d-4f6b-9c1e-5d7a2b4c6e8f",
        "Ab1Zq7",
    ],
)
def test_words_paths_and_code_are_no_keys(value):
    assert not is_jumbled(Assigned("api_key", '"', value, '"'))


def test_brackets_without_quotes_are_code():
    assert not is_jumbled(Assigned("token", "", 'os.Environ["Zq7Rk4Ab1X"].t0K3n', "\n"))
