"""Functions of the commands' modules by name, loaded when one is carried out. What a command does is not known here."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module


class Later:
    """The functions of a module of verbs, which is loaded when one of them is carried out.

    The window, and the usage line, must not wait for everything that the commands need.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[[argparse.Namespace], int]:
        def carry_out(options: argparse.Namespace) -> int:
            code: int = getattr(import_module(f"app.cli.{self._module}"), name)(options)
            return code

        return carry_out
