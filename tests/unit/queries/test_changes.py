"""Changes are listed newest first, all or one actor's or of one kind."""

from support.books import NOON, ship

from gateway.queries.changes import changes
from gateway.stores.ledger.actions import Actor, Change, recorded
from gateway.stores.ledger.reader import LedgerReader


def test_changes_are_narrowed_by_actor_and_action(data):
    for number, (who, what) in enumerate((("ann", "key.create"), ("bob", "key.create"), ("ann", "key.revoke"))):
        with recorded(data, Actor(who, "admin", "cli"), Change(what, "k"), NOON + number, bytes([number]) * 20):
            pass
    ship(data)
    reader = LedgerReader(data)

    assert [row["actor"] for row in changes(reader, 0, 9, actor="", action="")] == ["ann", "bob", "ann"]
    assert [row["action"] for row in changes(reader, 0, 9, actor="ann", action="")] == ["key.revoke", "key.create"]
    assert [row["actor"] for row in changes(reader, 0, 1, actor="", action="key.create")] == ["bob"]
