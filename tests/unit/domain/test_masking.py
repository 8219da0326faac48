"""What may be masked for which target and team."""

import pytest

from gateway.domain.label import Clearance, DataClass
from gateway.domain.masking import Masks, masks_for, masks_of
from gateway.domain.team import Team
from tests.unit.domain.test_target import target

AGENTS, PEOPLE = (Team(name, DataClass.INTERNAL, masks_all=name == "agents") for name in ("agents", "people"))


@pytest.mark.parametrize("kind", ["secret", "credit_card", "custom:project", "word_list:customers"])
def test_a_team_that_masks_all_masks_every_kind_with_a_place_in_the_text(kind):
    assert Masks(every=True).cover(kind)


@pytest.mark.parametrize(
    "kind", ["ip_address", "unscannable", "declared", "session:lost", "secret:failed", "tier2:late"]
)
def test_what_has_no_place_in_the_text_and_private_addresses_are_never_masked_so(kind):
    assert not Masks(every=True).cover(kind)


def test_a_team_masks_all_at_vendors_and_others_what_the_clearance_lists():
    clearance = Clearance(DataClass.INTERNAL, mask=frozenset({"email"}))
    away, home = (target(zone=zone, clearance=clearance) for zone in ("closed", "local"))

    assert masks_for(away, AGENTS) == Masks(frozenset({"email"}), every=True)
    assert masks_for(away, PEOPLE) == masks_for(away, None) == masks_for(home, AGENTS) == Masks(frozenset({"email"}))
    assert not Masks()


def test_what_some_vendor_s_target_masks_is_what_any_of_them_masks():
    targets = [
        target(zone=zone, clearance=Clearance(DataClass.INTERNAL, mask=frozenset({kind})))
        for zone, kind in (("closed", "email"), ("closed", "phone"), ("local", "iban"))
    ]

    assert masks_of(targets, PEOPLE) == Masks(frozenset({"email", "phone"}))
    assert masks_of(targets, AGENTS).every
    assert not masks_of([], AGENTS)
