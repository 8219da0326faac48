"""Stands in for SGLang's kernel package, whose CPU build is not on PyPI: names import, calls fail loudly."""

__version__ = "0.4.10"


def __getattr__(name: str):
    if name.startswith("__"):
        raise AttributeError(name)

    def absent(*args, **kwargs):
        raise NotImplementedError(f"sgl_kernel.{name} does not exist on a CPU")

    absent.__name__ = name
    return absent
