"""What of the edge's live state is shown to whom."""

from support.admin_plane import NAMED, STATUS

from gateway.admin.sources import live_for, teams_for


def test_teams_are_those_that_somebody_may_see():
    assert teams_for(NAMED["viewer"], STATUS) == STATUS["teams"]
    assert teams_for(NAMED["lead"], STATUS) == {"support": STATUS["teams"]["support"]}


def test_the_live_state_is_shown_without_teams_to_those_who_may_see_none():
    assert live_for(NAMED["viewer"], STATUS) == STATUS
    assert live_for(NAMED["operator"], STATUS) == {name: STATUS[name] for name in STATUS if name != "teams"}
