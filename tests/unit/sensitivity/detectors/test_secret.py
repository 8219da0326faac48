"""Each shape is found where it stands alone; the samples are made here, not anybody's."""

import pytest

from gateway.sensitivity.detectors.secret import _TOKENS, Secret

A = "Ab1" * 40
SAMPLES = {
    "sk-ant-": f"sk-ant-api03-{A[:30]}",
    "sk-": f"sk-proj-{A[:30]}",
    "gwk_": f"gwk_{A[:8]}_{A[:43]}",
    "AKIA": "AKIA" + "A2" * 8,
    "ASIA": "ASIA" + "A2" * 8,
    "gh": f"ghp_{A[:36]}",
    "github_pat_": f"github_pat_{A[:22]}_{A[:59]}",
    "glpat-": f"glpat-{A[:20]}",
    "xox": f"xoxb-{A[:20]}",
    "_live_": f"sk_live_{A[:24]}",
    "AIza": f"AIza{A[:35]}",
    "hf_": f"hf_{A[:34]}",
    "npm_": f"npm_{A[:36]}",
    "SG.": f"SG.{A[:22]}.{A[:43]}",
    "eyJ": f"eyJ{A[:20]}.eyJ{A[:20]}.{A[:30]}",
}
PEM = "-----BEGIN {}PRIVATE KEY-----"


def found(text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in Secret().scan(text)]


def test_there_is_a_sample_of_every_shape():
    assert set(SAMPLES) == {literal for literal, _ in _TOKENS}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("text", ["{}", "key={}", "'{}'", "Authorization: Bearer {}", "x\n{}\ny", "https://h/?k={}&x"])
def test_each_shape_is_found(sample, text):
    assert found(text.format(sample)) == [sample]


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
        "x" + SAMPLES["gh"],
        "eyJhbGciOiJub25lIn0",
        "hf_transfer and npm_config_cache",
        "",
    ],
)
def test_what_only_looks_like_one_is_none(text):
    assert found(text) == []
