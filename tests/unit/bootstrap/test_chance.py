"""Random bytes in blocks: none is handed out twice, not even in a fork."""

import os

from gateway.bootstrap.chance import PIECES, Chance


class Counting:
    """A source whose bytes tell their place."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._next = 0

    def __call__(self, size: int) -> bytes:
        self.asked.append(size)
        first, self._next = self._next, self._next + size
        return b"".join([(number % 251).to_bytes(1, "big") for number in range(first, first + size)])


def test_what_is_handed_out_is_the_source_s_each_byte_once():
    source = Counting()
    chance = Chance(source)
    pieces = [chance(5) for _ in range(PIECES * 2)]
    assert sorted(pieces) == sorted(
        whole[at : at + 5] for whole in [Counting()(10 * PIECES)] for at in range(0, 10 * PIECES, 5)
    )


def test_the_source_is_asked_once_for_many_pieces_of_a_size():
    source = Counting()
    chance = Chance(source)
    for _ in range(PIECES):
        chance(10)
        chance(8)
    assert source.asked == [10 * PIECES, 8 * PIECES]


def test_a_fork_does_not_hand_out_what_its_parent_will():
    chance = Chance()
    chance(16)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, b"".join([chance(16) for _ in range(PIECES)]))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 16 * PIECES)
    os.close(read), os.close(write)
    ours = {chance(16) for _ in range(PIECES)}
    assert len(theirs) == 16 * PIECES
    assert ours.isdisjoint(theirs[at : at + 16] for at in range(0, len(theirs), 16))
