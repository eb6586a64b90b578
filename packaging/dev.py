"""The developer's one command: sets the checkout up, then runs, tests or measures the program.

`python3 packaging/dev.py` lists what it can do. This file only turns away a Python that is too old, so it has to be
understood by one; the verbs are in dev_verbs.py. Standard library only; Linux, macOS, Windows.
"""

from __future__ import annotations

import sys

OLDEST_PYTHON = (3, 11)


def version_complaint(version: tuple[int, int]) -> str | None:
    """The sentence for a Python (its version tuple) that is too old; None for one that will do."""
    if version >= OLDEST_PYTHON:
        return None
    wanted, found = (".".join(str(part) for part in numbers) for numbers in (OLDEST_PYTHON, version))
    return (
        f"This project needs Python {wanted} or newer; this is Python {found}. "
        f"Start it with a newer one, for example: python{wanted} packaging/dev.py"
    )


def main() -> int:
    """Hand over to the verbs; returns the exit code."""
    complaint = version_complaint(sys.version_info[:2])
    if complaint:
        sys.stderr.write(complaint + "\n")
        return 2
    from dev_verbs import dispatch

    return dispatch(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
