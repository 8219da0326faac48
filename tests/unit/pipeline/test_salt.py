from gateway.pipeline.salt import Salt

SALT = Salt(b"salt")


def test_one_person_keeps_a_hash_and_another_team_cannot_link_it():
    assert SALT.hash("user", "t", "ann") == SALT.hash("user", "t", "ann")
    assert SALT.hash("user", "t", "ann") != SALT.hash("user", "u", "ann")
    assert SALT.hash("user", "t", "ann") != Salt(b"other").hash("user", "t", "ann")


def test_nobody_has_no_hash():
    assert SALT.hash("user", "t", "") == ""
