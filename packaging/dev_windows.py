"""The Windows installer and the version that Windows shows for the program. Standard library only.

The installer is compiled where Inno Setup is, which is on Windows; everywhere else its script is filled in and left
beside the frozen program.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import dev_product
from dev_environment import ROOT
from dev_system import SetupError, say

TEMPLATES = ROOT / "packaging" / "windows"


def version_resource() -> str:
    """The version resource as PyInstaller reads it."""
    version = dev_product.product().version
    numbers = ", ".join([*version.split("."), "0"])
    return filled("version-resource.txt", VERSION=version, NUMBERS=numbers)


def installer_script(frozen: Path, icon: Path, output: Path) -> str:
    """The Inno Setup script for a frozen program."""
    version = dev_product.product().version
    places = {"ROOT": ROOT, "FROZEN": frozen, "ICON": icon, "OUTPUT": output}
    return filled("scr-bulk.iss", VERSION=version, **{key: str(place) for key, place in places.items()})


def filled(template: str, **values: str) -> str:
    """A template with its @KEYS@ filled in."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def make_installer(frozen: Path, icon: Path, output: Path) -> Path | None:
    """Compile the installer; None, said aloud, where Inno Setup is not there. Raises `SetupError`."""
    script = output / "scr-bulk.iss"
    script.write_text(installer_script(frozen, icon, output), encoding="utf-8-sig")
    compiler = shutil.which("iscc") or shutil.which("ISCC")
    if compiler is None:
        say(f"Inno Setup (iscc) is not here: the installer was not compiled. Its script is {script}.")
        return None
    if subprocess.call([compiler, "/Q", str(script)], cwd=ROOT) != 0:
        raise SetupError("The installer could not be compiled. The reason stands above.")
    return output / f"scr-bulk-{dev_product.product().version}-setup.exe"
