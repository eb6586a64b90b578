"""The program finds its own files wherever it was put."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app import resources

ROOT = Path(__file__).resolve().parents[2]


def finder_in(package: Path):
    """The same module, loaded from another place."""
    package.mkdir(parents=True)
    copy = shutil.copy(resources.__file__, package)
    spec = importlib.util.spec_from_file_location("resources_elsewhere", copy)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_checkout_has_them_beside_the_package():
    assert resources.resources_folder() == ROOT / "resources"


def test_an_installed_or_frozen_program_has_them_inside_the_package(tmp_path):
    finder = finder_in(tmp_path / "app")
    (tmp_path / "app" / "_resources").mkdir()
    (tmp_path / "resources").mkdir()
    assert finder.resources_folder() == tmp_path / "app" / "_resources"


def test_an_incomplete_installation_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="incomplete"):
        finder_in(tmp_path / "app").resources_folder()


def test_the_wheel_carries_every_file(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(ROOT / "app", source / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "resources", source / "resources")
    for name in ("pyproject.toml", ".gitignore"):
        shutil.copy(ROOT / name, source)
    (source / "README.md").write_text("# A wheel for this test\n", encoding="utf-8")
    (source / "resources" / "marker.txt").write_text("found", encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)

    assert files_below(installed / "app" / "_resources") == files_below(source / "resources")
    assert files_below(source / "app") < files_below(installed / "app")
    assert {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")} == {"app"}

    ask = "import sys; sys.path.insert(0, sys.argv[1]); from app import resources; print(resources.resources_folder())"
    told = subprocess.run([sys.executable, "-I", "-c", ask, installed], check=True, capture_output=True, text=True)
    assert Path(told.stdout.strip()) == (installed / "app" / "_resources").resolve()


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
