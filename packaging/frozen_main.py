"""What the frozen program starts with: the same way in as everywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping


def give_back_libraries(environment: MutableMapping[str, str]) -> None:
    """Have programs that are started from here, a web browser say, load the system's libraries and not this program's.

    The starter points LD_LIBRARY_PATH at its own folder. This process has read that already; started again from here
    the program is pointed there anew.
    """
    before = environment.pop("LD_LIBRARY_PATH_ORIG", None)
    environment.pop("LD_LIBRARY_PATH", None)
    if before is not None:
        environment["LD_LIBRARY_PATH"] = before


if __name__ == "__main__":
    if sys.platform.startswith("linux"):
        give_back_libraries(os.environ)
    from app.__main__ import main

    sys.exit(main())
