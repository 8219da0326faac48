"""Compiled patterns are loaded only from files that this user alone could have written, and that are whole."""

import fcntl
import os
import threading

import pytest

from gateway.stores import patterns
from gateway.stores.patterns import MOST_FILES, PatternFiles

KEY, COMPILED = "0" * 64, b"compiled" * 100


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "data" / "patterns"


@pytest.fixture
def files(directory):
    kept = PatternFiles(directory)
    kept.put(KEY, COMPILED)
    return kept


def test_what_is_kept_is_found_by_the_next_process(files, directory):
    assert PatternFiles(directory).get(KEY) == COMPILED
    assert files.get("1" * 64) is None


def test_only_the_owner_may_read_or_write_it(files, directory):
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / KEY).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_ignored_and_made_anew(files, directory, mode):
    (directory / KEY).chmod(mode)
    assert files.get(KEY) is None

    files.put(KEY, COMPILED)
    assert files.get(KEY) == COMPILED
    assert (directory / KEY).stat().st_mode & 0o777 == 0o600


def test_a_directory_that_others_may_write_is_ignored_and_closed_to_them(files, directory):
    directory.chmod(0o770)
    assert files.get(KEY) is None

    files.put(KEY, COMPILED)
    assert files.get(KEY) == COMPILED
    assert directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_or_directory_of_another_owner_is_ignored(files, directory):
    os.chown(directory / KEY, 1, -1)
    assert files.get(KEY) is None

    files.put(KEY, COMPILED)
    assert files.get(KEY) == COMPILED
    os.chown(directory, 1, -1)
    assert files.get(KEY) is None
    files.put(KEY, b"other")
    os.chown(directory, os.getuid(), -1)
    assert files.get(KEY) == COMPILED


def test_what_belongs_to_another_owner_is_ignored(files, monkeypatch):
    monkeypatch.setattr(patterns.os, "geteuid", lambda: os.getuid() + 1)

    assert files.get(KEY) is None


def test_no_link_is_followed(files, directory, tmp_path):
    (directory / KEY).rename(tmp_path / "elsewhere")
    (directory / KEY).symlink_to(tmp_path / "elsewhere")
    assert files.get(KEY) is None

    files.put(KEY, COMPILED)
    assert files.get(KEY) == COMPILED
    assert not (directory / KEY).is_symlink()

    directory.rename(tmp_path / "moved")
    directory.symlink_to(tmp_path / "moved")
    assert files.get(KEY) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data[:10],
        lambda data: b"",
        lambda data: data + b"x",
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
        lambda data: b"X" + data[1:],
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_ignored_and_made_anew(files, directory, spoil):
    file = directory / KEY
    file.write_bytes(spoil(file.read_bytes()))
    assert files.get(KEY) is None

    files.put(KEY, COMPILED)
    assert files.get(KEY) == COMPILED


def test_a_file_under_another_name_is_ignored(files, directory):
    other = "1" * 64
    (directory / KEY).rename(directory / other)

    assert files.get(other) is None


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_ignored(directory, make):
    directory.mkdir(parents=True, mode=0o700)
    make(directory / KEY)

    assert PatternFiles(directory).get(KEY) is None


def test_a_directory_that_cannot_be_made_costs_nothing_but_the_time(tmp_path):
    (tmp_path / "file").write_text("")
    files = PatternFiles(tmp_path / "file" / "patterns")

    with files.turn():
        files.put(KEY, COMPILED)
    assert files.get(KEY) is None


def test_a_write_that_fails_leaves_nothing_behind(files, directory, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(patterns.os, "rename", full)
    files.put("1" * 64, COMPILED)

    assert [each.name for each in directory.iterdir()] == [KEY]


def test_only_the_newest_are_kept_and_what_is_read_counts_as_new(files, directory):
    for number in range(1, MOST_FILES):
        files.put(str(number) * 64, COMPILED)
    for place, name in enumerate([KEY, *(str(number) * 64 for number in range(1, MOST_FILES))]):
        os.utime(directory / name, (1000 + place, 1000 + place))
    assert files.get(KEY) == COMPILED

    files.put("a" * 64, COMPILED)

    assert files.get(KEY) == COMPILED
    assert files.get("1" * 64) is None
    assert len(list(directory.iterdir())) == MOST_FILES


def test_the_drafts_of_killed_processes_are_removed_once_they_are_old(files, directory):
    old, new = directory / ".old.1", directory / ".new.2"
    old.write_text("")
    new.write_text("")
    os.utime(old, (0, 0))

    files.put("1" * 64, COMPILED)

    assert new.exists()
    assert not old.exists()


def test_one_process_compiles_while_the_others_wait_for_it(directory):
    turns, entered, leave = [], threading.Event(), threading.Event()

    def first():
        with PatternFiles(directory).turn():
            entered.set()
            assert leave.wait(30)
            turns.append("first")

    def second():
        with PatternFiles(directory).turn():
            turns.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert entered.wait(30)
    threads[1].start()
    leave.set()
    for each in threads:
        each.join(30)
    assert turns == ["first", "second"]


def test_nobody_waits_for_ever_for_a_process_that_was_stopped(directory, monkeypatch):
    clock = iter(range(0, 1000, 5))
    monkeypatch.setattr(patterns.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(patterns.time, "sleep", lambda _: None)
    with PatternFiles(directory).turn():
        descriptor = os.open(directory / "lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)

        with PatternFiles(directory).turn():
            entered = True
    assert entered
