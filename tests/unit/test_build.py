"""What the build makes packages from, piece by piece; the whole of it is tried out by `dev.py build --check`."""

from __future__ import annotations

import configparser
import importlib.util
import io
import json
import lzma
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tomllib
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage

from app.ui.help.topics import TOPICS

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
MODULES = ("audit", "build", "contents", "deb", "depends", "linux", "product", "system", "tryout", "windows")


@pytest.fixture(scope="module")
def dev():
    """The build's modules, imported as dev.py does."""
    sys.path.insert(0, str(PACKAGING))
    try:
        loaded = {name: __import__(f"dev_{name}") for name in MODULES}
        loaded |= {name: __import__(f"make_{name}") for name in ("man", "supply")}
        loaded["parts"] = __import__("supply_parts")
    finally:
        sys.path.remove(str(PACKAGING))
    return SimpleNamespace(**loaded)


def pins(name: str) -> dict[str, str]:
    """The packages of a lock file with their versions; every one must have hashes, and no place to fetch it from."""
    text = (PACKAGING / name).read_text(encoding="utf-8")
    assert "://" not in text
    found = {}
    for entry in text.replace("\\\n", " ").splitlines():
        if not entry.startswith("#"):
            requirement, *hashes = entry.split(" --hash=")
            assert hashes, entry
            pinned = Requirement(requirement)
            found[canonicalize_name(pinned.name)] = next(iter(pinned.specifier)).version
    return found


# --- what goes in ---


def test_what_is_frozen_is_what_is_tested():
    tested, built = pins("lock.txt"), pins("lock-build.txt")
    assert {name: built[name] for name in tested.keys() & built.keys()} == {
        name: tested[name] for name in tested.keys() & built.keys()
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in [*project["dependencies"], *project["optional-dependencies"]["build"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(built[canonicalize_name(wanted.name)]), text
    assert "pytest" not in built


def test_the_programs_own_files_go_in(dev):
    inside = {f"{folder}/{Path(source).name}" for source, folder in dev.contents.data_files()}
    assert all(Path(source).is_file() for source, _ in dev.contents.data_files())
    assert {f"app/_resources/help/{topic.key}.md" for topic in TOPICS} <= inside
    revisions = {path.name for path in (ROOT / "app/storage/migrations/versions").glob("r*.py")}
    assert {f"app/storage/migrations/versions/{name}" for name in revisions} <= inside
    assert "app/storage/migrations/env.py" in inside
    assert "app/_resources/icons/scr-bulk.svg" in inside
    pictures = {name for name in inside if "screenshots" in name}
    assert {f"app/_resources/screenshots/{name}" for name in dev.contents.pictures_of_help()} == pictures


@pytest.mark.parametrize(
    ("name", "source", "stays_out"),
    [
        ("PySide6/Qt/lib/libQt6Quick.so.6", "/v/PySide6/Qt/lib/libQt6Quick.so.6", True),
        ("PySide6/Qt/lib/libQt6Widgets.so.6", "/v/PySide6/Qt/lib/libQt6Widgets.so.6", False),
        ("PySide6/Qt/lib/libQt6PrintSupport.so.6", "/v/x", False),
        ("PySide6/Qt/lib/libQt6DBus.so.6", "/v/x", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/v/x", False),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", "/v/x", True),
        ("PySide6/Qt/plugins/networkinformation/libqglib.so", "/v/x", False),
        ("PySide6/Qt/translations/qtbase_de.qm", "/v/x", True),
        ("libglib-2.0.so.0", "/usr/lib/x86_64-linux-gnu/libglib-2.0.so.0", True),
        ("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6", True),
        ("libcrypto.so.3", "/lib/x86_64-linux-gnu/libcrypto.so.3", False),
        ("libpython3.11.so.1.0", "/usr/lib/libpython3.11.so.1.0", False),
        ("psycopg_binary.libs/libpq-1.so.5", "/v/psycopg_binary.libs/libpq-1.so.5", False),
    ],
)
def test_what_stays_out(dev, name, source, stays_out):
    assert dev.contents.is_unwanted((name, source, "BINARY")) is stays_out


def test_modules_of_a_python_that_is_the_systems_own_go_in(dev):
    place = "lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so"
    assert not dev.contents.is_unwanted((f"python3.11/{place}", f"/usr/lib/python3.11/{place}", "EXTENSION"))


def test_no_module_of_the_program_is_kept_out(dev):
    imported = set()
    for path in (ROOT / "app").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        imported |= {line.split()[1] for line in text.splitlines() if re.match(r"(import|from) [A-Za-z]", line)}
    assert not imported & set(dev.contents.EXCLUDED_MODULES)
    assert "sqlite3" in dev.contents.EXCLUDED_MODULES


# --- what the packages say ---


def test_there_is_one_version(dev):
    assert dev.product.product().version == VERSION == dev.product.releases()[0].version
    assert [one.version for one in dev.product.releases()][-1] == "0.1.0"
    assert all(one.changes for one in dev.product.releases())
    stated = [
        path for path in PACKAGING.rglob("*") if path.is_file() and path.suffix in {".py", ".iss", ".txt", ".spec"}
    ]
    stated += [*(PACKAGING / "linux").iterdir(), *(ROOT / "app").rglob("*.py")]
    for path in stated:
        if path.name not in {"lock.txt", "lock-build.txt", "CHANGELOG.md"}:
            assert f'"{VERSION}"' not in path.read_text(encoding="utf-8", errors="replace"), path


def test_the_time_of_a_build_is_the_commits_or_the_releases(dev, monkeypatch):
    def git(told):
        def run(*_, **__):
            if told is None:
                raise FileNotFoundError("git")
            return subprocess.CompletedProcess([], 0, told)

        return run

    day = dev.product.releases()[0].day
    released = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    for told, moment in (("1764000000\n", 1_764_000_000), ("", released), (None, released)):
        monkeypatch.setattr(dev.product.subprocess, "run", git(told))
        assert dev.product.build_time() == moment


def test_the_changelog_becomes_plain_sentences(dev):
    assert dev.product.plain("**Bold** and `code`, [words](http://somewhere)") == "Bold and code, words"
    assert not any(mark in change for one in dev.product.releases() for change in one.changes for mark in "*`\n")


def test_the_desktop_entry_says_what_there_is(tmp_path):
    entry = configparser.RawConfigParser(strict=True)
    entry.optionxform = str
    entry.read(PACKAGING / "linux" / "scr-bulk.desktop", encoding="utf-8")
    main = entry["Desktop Entry"]
    assert (main["Type"], main["Exec"], main["Terminal"]) == ("Application", "scr-bulk", "false")
    assert entry["Desktop Action demonstration"]["Exec"] == "scr-bulk demo"
    if (tool := shutil.which("desktop-file-validate")) is None:
        pytest.skip("desktop-file-validate is not here")
    told = subprocess.run([tool, PACKAGING / "linux/scr-bulk.desktop"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")


def test_the_appstream_metadata_are_valid(dev, tmp_path):
    text = dev.linux.metainfo(dev.product.releases())
    tree = ElementTree.fromstring(text)
    assert [one.get("version") for one in tree.iter("release")] == [one.version for one in dev.product.releases()]
    assert tree.findtext("launchable") == "scr-bulk.desktop"
    if (tool := shutil.which("appstreamcli")) is None:
        pytest.skip("appstreamcli is not here")
    file = tmp_path / dev.linux.METAINFO
    file.write_text(text, encoding="utf-8")
    command = [tool, "validate", "--no-net", "--pedantic", file]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    assert not re.search(r"^[EW]:", told.stdout, re.MULTILINE), told.stdout


def test_the_manual_page_tells_every_command_and_setting(dev, tmp_path):
    from app.cli.parser import build_parser
    from app.config import DECLARED

    page = tmp_path / "scr-bulk.1"
    dev.man.main(VERSION, "2026-11-26", page)
    text = page.read_text(encoding="utf-8").replace("\\-", "-")
    assert "@" not in text
    verbs = next(action for action in build_parser()._actions if action.dest == "verb").choices
    assert all(f"\n.B {verb}" in text for verb in verbs)
    assert all(f"\n.B {setting.key}\n" in text for setting in DECLARED if setting.offered)
    if (tool := shutil.which("mandoc")) is None:
        pytest.skip("mandoc is not here")
    told = subprocess.run([tool, "-T", "lint", "-W", "warning", page], capture_output=True, text=True, check=False)
    assert told.stdout == ""


def test_programs_started_from_the_frozen_one_load_the_systems_libraries():
    spec = importlib.util.spec_from_file_location("frozen_main", PACKAGING / "frozen_main.py")
    assert spec is not None
    assert spec.loader is not None
    frozen_main = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(frozen_main)
    for surroundings, given_back in (
        ({"LD_LIBRARY_PATH": "/opt/own", "A": "b"}, {"A": "b"}),
        ({"LD_LIBRARY_PATH": "/opt/own", "LD_LIBRARY_PATH_ORIG": "/lib/mine"}, {"LD_LIBRARY_PATH": "/lib/mine"}),
    ):
        frozen_main.give_back_libraries(surroundings)
        assert surroundings == given_back


# --- Debian ---


def members(package: bytes) -> dict[str, bytes]:
    """The members of an ar archive."""
    assert package.startswith(b"!<arch>\n")
    found, at = {}, 8
    while at < len(package):
        header = package[at : at + 60].decode()
        size = int(header[48:58])
        found[header[:16].strip()] = package[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    return found


@pytest.fixture
def small_package(dev, tmp_path):
    folder = tmp_path / "program"
    (folder / "_internal").mkdir(parents=True)
    (folder / "scr-bulk").write_bytes(b"#!/bin/sh\n")
    (folder / "scr-bulk").chmod(0o700)
    (folder / "_internal" / "data.txt").write_text("data")
    (folder / "link").symlink_to("_internal/data.txt")
    entries = dev.deb.tree(folder, PurePosixPath("usr/lib/scr-bulk"))
    control = {"Package": "scr-bulk", "Version": VERSION, "Architecture": "amd64", "Maintainer": "a <a@b.invalid>"}
    control |= {"Recommends": "", "Description": "short\n long"}
    return lambda: dev.deb.package(control, entries, 1_764_000_000)


def test_a_package_is_the_same_bytes_each_time_and_roots(small_package):
    package = small_package()
    assert package == small_package()
    parts = members(package)
    assert list(parts) == ["debian-binary", "control.tar.xz", "data.tar.xz"]
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(parts["data.tar.xz"]))) as data:
        told = {one.name: (one.uid, one.gid, one.uname, oct(one.mode), one.mtime, one.linkname) for one in data}
    assert told == {
        "./usr": (0, 0, "root", "0o755", 1_764_000_000, ""),
        "./usr/lib": (0, 0, "root", "0o755", 1_764_000_000, ""),
        "./usr/lib/scr-bulk": (0, 0, "root", "0o755", 1_764_000_000, ""),
        "./usr/lib/scr-bulk/_internal": (0, 0, "root", "0o755", 1_764_000_000, ""),
        "./usr/lib/scr-bulk/_internal/data.txt": (0, 0, "root", "0o644", 1_764_000_000, ""),
        "./usr/lib/scr-bulk/link": (0, 0, "root", "0o777", 1_764_000_000, "_internal/data.txt"),
        "./usr/lib/scr-bulk/scr-bulk": (0, 0, "root", "0o755", 1_764_000_000, ""),
    }


def test_dpkg_reads_the_package(small_package, tmp_path):
    if (tool := shutil.which("dpkg-deb")) is None:
        pytest.skip("dpkg-deb is not here")
    file = tmp_path / "scr-bulk.deb"
    file.write_bytes(small_package())
    told = subprocess.run([tool, "--info", file], capture_output=True, text=True, check=True).stdout
    assert f" Version: {VERSION}\n" in told
    assert "Recommends" not in told
    assert " Installed-Size: 1\n" in told
    listed = subprocess.run([tool, "--contents", file], capture_output=True, text=True, check=True).stdout
    assert "./usr/lib/scr-bulk/link -> _internal/data.txt" in listed


def test_a_package_has_no_script_that_could_touch_data(small_package):
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(members(small_package())["control.tar.xz"]))) as control:
        assert sorted(control.getnames()) == ["./control", "./md5sums"]


def test_what_a_program_needs_of_the_system_is_named(dev):
    needs = dev.depends.Needs(frozenset({"libc.so.6", "libglib-2.0.so.0", "libgio-2.0.so.0", "libcups.so.2"}), (2, 34))
    assert dev.depends.depends(needs) == "libc6 (>= 2.34), libglib2.0-0t64 | libglib2.0-0"
    assert dev.depends.recommends(needs) == "libcups2t64 | libcups2"
    with pytest.raises(dev.system.SetupError, match=r"libunheard\.so\.1"):
        dev.depends.depends(dev.depends.Needs(frozenset({"libunheard.so.1"}), (2, 0)))


def test_what_qt_itself_needs_has_its_packages(dev):
    if shutil.which("objdump") is None or not sys.platform.startswith("linux"):
        pytest.skip("objdump is not here")
    spec = importlib.util.find_spec("PySide6")
    assert spec is not None
    [place] = spec.submodule_search_locations or []
    plugins = Path(place) / "Qt" / "plugins" / "platforms"
    needs = dev.depends.needs_of(plugins)
    theirs = frozenset(name for name in needs.libraries if not name.startswith("libQt6"))
    packages = dev.depends.depends(dev.depends.Needs(theirs, needs.glibc))
    assert "libxcb-icccm4" in packages
    assert "libxkbcommon0" in packages


def test_where_no_clean_debian_can_be_made_that_is_said(dev, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(dev.tryout.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(dev.tryout.shutil, "which", lambda tool: None)
    assert dev.tryout.CleanDebian("trixie", tmp_path / "a.deb")()
    assert "Not tried in a clean Debian trixie: debootstrap is not installed." in capsys.readouterr().out
    monkeypatch.setattr(dev.tryout.os, "geteuid", lambda: 1000, raising=False)
    assert dev.tryout.CleanDebian("trixie", tmp_path / "a.deb")()
    assert "that takes root" in capsys.readouterr().out


def test_what_was_built_is_tried_out_by_stories_that_there_are(dev):
    names = [step.name for step in dev.tryout.steps(Path(sys.executable), [Path("a.tar.xz"), Path("a.deb")])]
    assert names == ["Stories", "Debian bookworm", "Debian trixie"]
    assert [step.name for step in dev.tryout.steps(Path(sys.executable), [])] == ["Stories"]
    assert all((ROOT / story).exists() for story in dev.tryout.STORIES)


# --- Windows ---


def sections(script: str) -> dict[str, list[str]]:
    """The lines of an Inno Setup script by their section, comments left out."""
    found: dict[str, list[str]] = {}
    for line in script.splitlines():
        if heading := re.fullmatch(r"\[(\w+)]", line):
            found[heading[1]] = []
        elif line and not line.startswith(";"):
            found[list(found)[-1]].append(line)
    return found


def test_the_installers_script_is_whole(dev, tmp_path):
    icon, frozen = tmp_path / "scr-bulk.ico", tmp_path / "frozen"
    script = dev.windows.installer_script(frozen, icon, tmp_path / "out")
    assert "@" not in script
    parts = sections(script)
    setup = dict(line.split("=", 1) for line in parts["Setup"])
    assert setup["AppId"] == "{{7C0E6B6E-4D0B-4A63-9E0B-3F6A5C1D8B42}", "it never changes: an upgrade is found by it"
    assert (setup["AppVersion"], setup["VersionInfoVersion"]) == (VERSION, f"{VERSION}.0")
    assert setup["PrivilegesRequired"] == "lowest"
    assert "PrivilegesRequiredOverridesAllowed" not in setup
    assert setup["SetupIconFile"] == str(icon)
    assert parts["Files"][0].startswith(f'Source: "{frozen}\\*"; DestDir: "{{app}}"')
    for kind in ("Files", "Tasks", "Icons", "Run", "InstallDelete"):
        for line in parts[kind]:
            assert all(re.fullmatch(r'\w+: (".*"|[\w ]+)', field) for field in re.split(r"; (?=\w+: )", line)), line
    programs = set(re.findall(r"\{app}\\([\w-]+)\.exe", script))
    spec = (PACKAGING / "scr-bulk.spec").read_text(encoding="utf-8")
    assert programs == {"scr-bulk", "scr-bulk-window"} == set(re.findall(r'program\("([\w-]+)"', spec))


def test_the_installer_leaves_the_practices_data(dev, tmp_path):
    script = dev.windows.installer_script(tmp_path, tmp_path, tmp_path)
    assert "UninstallDelete" not in script
    deleted = sections(script)["InstallDelete"]
    assert deleted == ['Type: filesandordirs; Name: "{app}\\_internal"']
    assert "{localappdata}" not in script.lower()


def test_the_icon_holds_every_size(qapp):
    sys.path.insert(0, str(PACKAGING))
    try:
        import make_icons
    finally:
        sys.path.remove(str(PACKAGING))
    icon = QIcon(str(make_icons.SVG))
    pictures = {size: make_icons.png(icon, size) for size in make_icons.SIZES}
    data = make_icons.ico(pictures)
    assert struct.unpack_from("<HHH", data) == (0, 1, len(pictures))
    for number, size in enumerate(pictures):
        width, height, _, _, _, depth, length, at = struct.unpack_from("<BBBBHHII", data, 6 + 16 * number)
        assert (width or 256, height or 256, depth) == (size, size, 32)
        assert data[at : at + length] == pictures[size]
        assert QImage.fromData(pictures[size]).size() == QSize(size, size)


def test_the_version_resource_can_be_read(dev):
    def kept(name):
        return lambda *given, **named: (name, given, named)

    words = (
        "VSVersionInfo",
        "FixedFileInfo",
        "StringFileInfo",
        "StringTable",
        "StringStruct",
        "VarFileInfo",
        "VarStruct",
    )
    _, _, read = eval(dev.windows.version_resource(), {word: kept(word) for word in words})
    numbers = (*map(int, VERSION.split(".")), 0)
    assert read["ffi"][2]["filevers"] == read["ffi"][2]["prodvers"] == numbers
    [[table]] = read["kids"][0][1]
    assert ("StringStruct", ("ProductVersion", VERSION), {}) in table[1][1]


# --- supply chain ---


def test_what_is_not_needed_is_not_shipped(dev):
    stray = Path(str(metadata.distribution("pytest").locate_file("pytest/__init__.py")))
    with pytest.raises(dev.parts.Unshippable, match="pytest"):
        dev.parts.shipped([("pytest/__init__.py", str(stray))])


def test_every_package_that_is_needed_has_a_licence_and_its_text(dev):
    names = dev.parts.closure("scr-bulk") - {"scr-bulk"}
    assert {"pyside6-essentials", "sqlcipher3", "requests", "urllib3"} <= names
    assert not names & {"pytest", "mypy", "hatchling"}
    installed = []
    for name in sorted(names):
        try:
            installed.append(metadata.distribution(name))
        except metadata.PackageNotFoundError:
            continue
    parts = [dev.parts.part_of(distribution) for distribution in installed]
    assert all(part.licence and part.texts for part in parts)
    lesser = {part.name.lower() for part in parts if "LGPL" in part.licence}
    assert {"pyside6_essentials", "shiboken6"} <= lesser
    for part in parts:
        if part.name.lower() in lesser:
            assert any("GNU LESSER GENERAL PUBLIC LICENSE" in text for text in part.texts), part.name


def test_what_a_wheel_brings_inside_is_named_too(dev):
    brought = {part.name: part for part in dev.parts.vendored(metadata.distribution("psycopg-binary"))}
    assert "cyrus-sasl-lib" in brought
    assert "psycopg_binary" not in brought
    assert brought["cyrus-sasl-lib"].purl.startswith("pkg:")


def test_the_bill_of_materials_names_each_part(dev):
    parts = [dev.parts.Part("Qt", "6.11.3", "LGPL-3.0-only", ("text",), "pkg:generic/qt@6.11.3")]
    moment = datetime(2026, 11, 26, tzinfo=UTC)
    document = dev.supply.bill_of_materials(parts, moment)
    assert document == dev.supply.bill_of_materials(parts, moment)
    assert [(one["name"], one["purl"]) for one in document["components"]] == [("Qt", "pkg:generic/qt@6.11.3")]
    told = dev.supply.notices([*parts, dev.parts.Part("Other", "1", "MIT", ("text",))], "6.11.3")
    assert told.count("\ntext\n") == 1, "a text that is the same for two stands there once"
    assert "Qt, Other" in told
    assert "replace them" in told
    if importlib.util.find_spec("cyclonedx") is None:
        pytest.skip("the schema's library is only in the environment of the build")
    assert json.loads(dev.supply.validated(document)) == document


# --- the audit ---


@pytest.mark.parametrize(
    ("answer", "complaint", "code", "said"),
    [
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', "", 0, "No weakness is known of the 1 pack"),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]}',
            "Found 1 known vulnerability",
            1,
            "a 1: CVE-1, mended in 2",
        ),
        ("", "INFO: x\nERROR: Connection refused\n", 3, "Nobody could be asked"),
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', "", 3, "Nobody could be asked"),
        (
            '{"dependencies": [{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}]}',
            "",
            3,
            "a was not looked up: not found",
        ),
        ("[]", "", 3, "Nobody could be asked"),
    ],
)
def test_the_audit_tells_what_it_knows_and_what_it_could_not_ask(dev, answer, complaint, code, said):
    told_code, lines = dev.audit.verdict(answer, complaint)
    assert told_code == code
    assert any(said in line for line in lines)
