"""Each shape is found where it is alone; the samples are made up here and belong to nobody."""

import random
import re

import pytest
from support import detecting

from gateway.sensitivity.detectors.secret import Secret, width
from gateway.sensitivity.tokens import TOKENS

A = "Ab1Zq7Rk4" * 40
CLASS = re.compile(r"\[([^\]]*)\](?:\{(\d+)\})?")


def letters(alphabet: str, count: int) -> str:
    chance = random.Random(count)
    members = [
        letter for letter in map(chr, range(33, 127)) if re.fullmatch(f"[{alphabet}]", letter) and letter.isalnum()
    ]
    return "".join(chance.choice(members) for _ in range(count))


def sample(prefix: str, alphabet: str, least: int) -> str:
    plain = CLASS.sub(lambda match: letters(match[1], int(match[2] or 1)), prefix)
    plain = re.sub(r"\(\?:([^|)]*)[^)]*\)", r"\1", plain).replace("\\", "")
    return plain + letters(alphabet, least)


SAMPLES = {
    f"{prefix}{number}": sample(prefix, alphabet, least) for number, (prefix, alphabet, least, _) in enumerate(TOKENS)
}
SAMPLES["jwt"] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI5MTIzODQ3In0.Sg1Zq7Rk4Ab1Zq7Rk4Ab1Zq7Rk4"
PEM = "-----BEGIN {}PRIVATE KEY-----"


def found(text: str) -> list[str]:
    return detecting.found(Secret, text)


@pytest.mark.parametrize("prefix", [row[0] for row in TOKENS])
def test_a_prefix_is_as_long_as_its_trigger_says(prefix):
    assert len(sample(prefix, "a", 0)) == width(prefix)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("text", ["{}", "key={}", "'{}'", "Authorization: Bearer {}", "x\n{}\ny", "https://h/?k={}&x"])
def test_each_shape_is_found(sample, text):
    assert any(sample in each or each in sample for each in found(text.format(sample)))


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "PGP "])
def test_private_keys_are_found_by_their_first_line(kind):
    line = PEM.format(kind) if kind != "PGP " else "-----BEGIN PGP PRIVATE KEY BLOCK-----"
    assert found(f"{line}\nMII") == [line]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PUBLIC KEY-----",
        "sk-short",
        "task-" + A[:30],
        "through the ghost_writer",
        "AKIAlowercase0000000",
        "x" + "ghp_" + A[:36],
        "eyJhbGciOiJub25lIn0",
        "hf_transfer and npm_config_cache",
        "",
    ],
)
def test_what_only_looks_like_one_is_none(text):
    assert found(text) == []
