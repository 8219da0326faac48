"""What policy says about labelling is strict where it says nothing."""

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import DetectorSpec, SensitivitySpec, WordListSpec


def test_an_absent_block_enforces_and_takes_what_cannot_be_scanned_for_restricted():
    spec = SensitivitySpec()

    assert spec.mode_for("anyone") == "enforce"
    assert spec.on_unscannable is DataClass.RESTRICTED
    assert (spec.vendor_opaque, spec.session) == ("same_vendor_only", "sticky")


def test_a_team_s_own_mode_comes_before_the_default():
    spec = SensitivitySpec(default_mode="observe", team_modes=(("legal", "enforce"),))

    assert (spec.mode_for("legal"), spec.mode_for("support")) == ("enforce", "observe")


def test_a_detector_that_policy_names_stays_switched_on():
    assert DetectorSpec("email").enabled


def test_two_word_lists_are_distinguished_though_their_hash_is_short():
    one, other = (SensitivitySpec(word_lists=(WordListSpec("w", (word,), DataClass.INTERNAL),)) for word in ("a", "b"))
    assert hash(one) == hash(other)
    assert len({one, other}) == 2
