"""Where an edge looks API keys up: in the file that the settings name, else in the store."""

from gateway.settings import Settings
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.place import KeyCache, cached


def api_keys(settings: Settings, data: DataDir) -> KeyCache:
    """Return the keys.

    Raises:
        OSError: the file cannot be read.
        PolicyErrors: it is not a list of keys.
    """
    if settings.keys_file is None:
        return cached(data)
    from gateway.stores.keys.file import FileKeys  # noqa: PLC0415 -- parser and models, which the store does without

    return FileKeys(settings.keys_file)
