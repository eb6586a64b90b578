"""Finds the files that come with the program: icons, help, pictures, documents. Nothing here reads them."""

from __future__ import annotations

from pathlib import Path


def resources_folder() -> Path:
    """The folder of the program's own files.

    An installed wheel and a frozen program carry it inside the package, as `app/_resources`; in a checkout it is
    `resources` beside the package.

    Raises:
        FileNotFoundError: neither is there, so the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("The program's resources folder is missing: the installation is incomplete.")
