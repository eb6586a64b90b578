"""The way in: hands over to the window or to the commands, and turns whatever escapes them into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (those of the process by default) and return its exit code."""
    _have_streams()
    from app import cli

    options = cli.parse(arguments)
    if cli.wants_window(options):
        # Only here, so that no command ever loads Qt.
        from app import desktop

        return desktop.main(options)
    return cli.main(options)


def _have_streams() -> None:
    """A program started from a Windows menu has neither output nor input; whoever writes there must not fail."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open to the end


if __name__ == "__main__":
    sys.exit(main())
