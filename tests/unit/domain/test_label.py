"""Labels form a lattice: joining only ever makes them stricter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import CONTRACT_FOR, UNKNOWN, Category, Clearance, DataClass, Label

categories = st.frozensets(st.sampled_from(Category))
regions = st.none() | st.frozensets(st.sampled_from(["eu", "us", "ch"]))
labels = st.builds(Label, st.sampled_from(DataClass), categories, regions)
clearances = st.builds(Clearance, st.sampled_from(DataClass), categories)


@given(labels, labels)
def test_the_order_of_a_join_does_not_matter(one, two):
    assert one.join(two) == two.join(one)


@given(labels, labels, labels)
def test_the_grouping_of_joins_does_not_matter(one, two, three):
    assert one.join(two).join(three) == one.join(two.join(three))


@given(labels)
def test_joining_a_label_with_itself_or_with_nothing_changes_nothing(label):
    assert label.join(label) == label
    assert label.join(Label()) == label


@given(labels, labels)
def test_a_join_covers_both_and_is_the_least_that_does(one, two):
    joined = one.join(two)

    assert joined.covers(one)
    assert joined.covers(two)


@given(labels, labels, labels)
def test_whatever_covers_both_covers_their_join(one, two, three):
    if three.covers(one) and three.covers(two):
        assert three.covers(one.join(two))


@given(labels, labels)
def test_labels_that_cover_each_other_are_equal(one, two):
    assert (one.covers(two) and two.covers(one)) == (one == two)


@given(labels, labels, clearances, st.sampled_from(["", "eu", "us"]))
def test_what_is_refused_stays_refused_under_a_stricter_label(one, two, clearance, region):
    if clearance.refusal(one, region) is not None:
        assert clearance.refusal(one.join(two), region) is not None


@given(labels, clearances, st.sampled_from(["", "eu", "us"]))
def test_a_target_may_see_a_label_exactly_if_class_categories_and_region_allow(label, clearance, region):
    allowed = (
        label.data_class <= clearance.max
        and not label.categories & clearance.forbid
        and (label.regions is None or region in label.regions)
    )

    assert (clearance.refusal(label, region) is None) == allowed


@pytest.mark.parametrize(
    ("label", "why"),
    [
        (Label(DataClass.RESTRICTED), "restricted data, cleared up to internal"),
        (Label(categories=frozenset({Category.PII, Category.HR})), "holds hr, pii, which this target may not see"),
        (Label(regions=frozenset({"eu", "ch"})), "may only be processed in ch, eu"),
        (Label(regions=frozenset()), "may only be processed in no region"),
    ],
)
def test_a_refusal_says_why(label, why):
    clearance = Clearance(DataClass.INTERNAL, frozenset({Category.PII, Category.HR}))

    assert clearance.refusal(label, "us") == why


def test_a_target_without_a_clearance_sees_public_matter_alone():
    assert Clearance().refusal(Label(), "") is None
    assert Clearance().refusal(Label(DataClass.INTERNAL), "") is not None


@pytest.mark.parametrize("data_class", DataClass)
def test_a_class_is_read_by_its_lower_case_word(data_class):
    assert DataClass.parse(data_class.word) is data_class


@pytest.mark.parametrize("word", ["", "Public", "PUBLIC", "secret", " public", "public ", "0"])
def test_any_other_word_names_no_class(word):
    with pytest.raises(KeyError):
        DataClass.parse(word)


@given(
    st.builds(
        Clearance, st.sampled_from(DataClass), categories, lacks=st.sampled_from([(), tuple(CONTRACT_FOR.items())])
    )
)
def test_a_clearance_is_whole_exactly_if_what_could_not_be_scanned_may_be_seen(clearance):
    assert clearance.whole == (clearance.refusal(UNKNOWN, "eu") is None)
