"""Policies on disk: which files count, and whether they have changed."""

import hashlib
from pathlib import Path

File = tuple[str, str]
"""Name and text."""
SUFFIXES = frozenset({".yaml", ".yml", ".json"})


def read_policies(directory: Path) -> list[File]:
    """Return (file name, text) of every policy file right in a directory, sorted by name.

    Subfolders and dotfiles are not read: in a mounted ConfigMap the files are links through ``..data``, and the
    folders that this link points to must not be read a second time. A directory that is a link may be swapped: all
    files are read of the one that it points to first.

    Raises:
        OSError: the directory or a file cannot be read.
        UnicodeDecodeError: a file is not UTF-8.
    """
    return [(path.name, path.read_text(encoding="utf-8-sig")) for path in _files(directory)]


def fingerprint(directory: Path) -> str:
    """Return a hash over names and contents: it changes exactly if a reload would read something else."""
    digest = hashlib.sha256()
    for path in _files(directory):
        content = path.read_bytes()
        digest.update(b"%s\0%d\0" % (path.name.encode(), len(content)))
        digest.update(content)
    return digest.hexdigest()


def _files(directory: Path) -> list[Path]:
    return sorted(
        path
        for path in (directory.resolve() if directory.is_symlink() else directory).iterdir()
        if path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
