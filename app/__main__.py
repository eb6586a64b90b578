"""The way in: hands over to the window or to the commands, and turns whatever escapes them into an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (those of the process by default) and return its exit code."""
    from app import cli

    options = cli.parse(arguments)
    if cli.wants_window(options):
        # Only here, so that no command ever loads Qt.
        from app import desktop

        return desktop.main(options)
    return cli.main(options)


if __name__ == "__main__":
    sys.exit(main())
