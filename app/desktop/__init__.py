"""The window's composition root: Qt application, the practice that is open in it, hooks for errors and signals.

Nothing of it is loaded before it is asked for: the window shows before everything behind it is there.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.bootstrap import Product
    from app.ui.services import Services


def main(options: argparse.Namespace) -> int:
    """See `window.main`; with `--self-check` see `self_check.main`."""
    if options.self_check:
        from app.desktop import self_check

        return self_check.main()
    from app.desktop import window

    return window.main(options)


def run_window(product: Product) -> int:
    """See `window.run_window`."""
    from app.desktop import window

    return window.run_window(product)


def services_of(product: Product) -> Services:
    """See `services.services_of`."""
    from app.desktop import services

    return services.services_of(product)
