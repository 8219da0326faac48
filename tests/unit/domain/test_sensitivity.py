"""What policy says about labelling is strict where it says nothing."""

from gateway.domain.label import Category, DataClass, Label
from gateway.domain.sensitivity import BUILT_IN, DetectorSpec, SensitivitySpec, WordListSpec
from gateway.sensitivity.detectors import DETECTORS


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


def test_the_table_of_built_in_kinds_says_what_the_detectors_say():
    assert {one.kind: (one.data_class, one.likely_class, one.categories) for one in DETECTORS} == BUILT_IN


def test_what_is_only_likely_and_not_confidential_is_of_no_category():
    card = frozenset({Category.PCI})
    spec = DetectorSpec("credit_card", likely_class=DataClass.INTERNAL)

    assert spec.labels(DataClass.RESTRICTED, DataClass.RESTRICTED, card) == (
        Label(DataClass.RESTRICTED, card),
        Label(DataClass.INTERNAL),
    )
    lowered = DetectorSpec("credit_card", data_class=DataClass.INTERNAL)
    assert lowered.labels(DataClass.RESTRICTED, DataClass.RESTRICTED, card) == (Label(DataClass.INTERNAL, card),) * 2
