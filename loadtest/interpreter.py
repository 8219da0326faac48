"""The quickest interpreter that the machine has, to measure with.

How an interpreter was built decides about a third of what Python costs: the images have one that was optimised by
profile and at link time, as Debian's is; pyenv builds without either.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_TIMES: Final = "from loadtest.scene import unit; print(min(unit(20) for _ in range(50)))"
_WORTH_IT: Final = 0.95


def _seconds(python: str) -> float:
    """Return how long an interpreter takes for a fixed piece of Python; infinity if it is none of this release."""
    release = f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]}; "
    try:
        run = subprocess.run([python, "-c", release + _TIMES], capture_output=True, text=True, check=True, cwd=ROOT)
    except (OSError, subprocess.CalledProcessError):
        return float("inf")
    return float(run.stdout)


def quickest(environment: Path, place: Path) -> str:
    """Return the interpreter of an environment, or the system's with the same packages if that is quicker.

    Args:
        environment: a virtual environment of this release.
        place: a directory for one of the system's interpreter.
    """
    own = str(environment / "bin" / "python")
    system = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    if _seconds(system) > _seconds(own) * _WORTH_IT:
        return own
    subprocess.run([system, "-m", "venv", "--without-pip", str(place)], check=True)
    packages = next(environment.glob("lib/python3*/site-packages"))
    read_too = next(place.glob("lib/python3*/site-packages")) / "all.pth"
    read_too.write_text(f"import site; site.addsitedir({str(packages.resolve())!r})\n")
    return str(place / "bin" / "python")
