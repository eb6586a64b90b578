"""The developer's command: what it decides, without installing anything."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "packaging" / "dev.py"


@pytest.fixture(scope="module")
def dev():
    """The command's modules, imported as the command itself does."""
    sys.path.insert(0, str(DEV.parent))
    try:
        import dev
        import dev_checks
        import dev_environment
        import dev_system
        import dev_verbs
    finally:
        sys.path.remove(str(DEV.parent))
    return SimpleNamespace(main=dev, checks=dev_checks, environment=dev_environment, system=dev_system, verbs=dev_verbs)


def start(*arguments):
    return subprocess.run([sys.executable, DEV, *arguments], capture_output=True, text=True, check=False)


# --- what a person types ---


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_verb_with_a_sentence(arguments):
    told = start(*arguments)
    assert told.returncode == 0
    for verb in ("run", "test", "lint", "bench", "screenshots", "build", "audit", "lock"):
        assert any(line.split()[:1] == [verb] and len(line.split()) > 4 for line in told.stdout.splitlines()), verb


@pytest.mark.parametrize("arguments", [("tset",), ("lint", "--fix")])
def test_wrong_use_is_told_without_a_traceback(arguments):
    told = start(*arguments)
    assert told.returncode == 2
    assert arguments[-1] in told.stderr
    assert "Traceback" not in told.stderr


def test_an_old_python_understands_the_file_and_is_told_what_to_do(dev):
    ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 8))
    assert dev.main.version_complaint((3, 11)) is None
    assert dev.main.version_complaint((3, 14)) is None
    complaint = dev.main.version_complaint((3, 9))
    assert "3.11" in complaint
    assert "this is Python 3.9" in complaint


# --- the display ---


@pytest.mark.parametrize(
    ("platform", "environ", "seen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ("linux", {"QT_QPA_PLATFORM": "minimal:x=1"}, False),
        ("linux", {"QT_QPA_PLATFORM": "vnc"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_where_a_window_can_be_seen(dev, platform, environ, seen):
    reason = dev.verbs.no_display(environ, platform)
    assert (reason is None) == seen


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a desktop")
def test_a_display_that_cannot_be_opened_is_told(dev, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    assert dev.verbs.no_connection(Path(sys.executable)).startswith("The display cannot be opened")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert dev.verbs.no_connection(Path(sys.executable)) is None


def test_the_session_decides_which_libraries_a_window_needs(dev):
    offscreen, x11, wayland = set(dev.system.OFFSCREEN), set(dev.system.X11), set(dev.system.WAYLAND)
    assert set(dev.system.display_libraries({"DISPLAY": ":0"})) == offscreen | x11
    assert set(dev.system.display_libraries({"WAYLAND_DISPLAY": "w"})) == offscreen | wayland
    assert set(dev.system.display_libraries({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"})) == offscreen | x11 | wayland


# --- the system's packages ---


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the names are those of Linux")
def test_a_library_is_missing_when_it_cannot_be_loaded(dev):
    assert dev.system.missing_libraries(["libc.so.6", "libno-such-thing.so.9"]) == ["libno-such-thing.so.9"]


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ({"libglib2.0-0t64"}, "libglib2.0-0t64"),
        ({"libglib2.0-0"}, "libglib2.0-0"),
        (set(), "libglib2.0-0"),
    ],
)
def test_the_package_is_named_as_this_release_names_it(dev, shown, name):
    assert dev.system.known_name(dev.system.OFFSCREEN["libglib-2.0.so.0"], shown.__contains__) == name


@pytest.mark.parametrize(
    ("present", "command"),
    [
        ({"sudo", "su"}, "sudo apt-get update && sudo apt-get install -y a b"),
        ({"su"}, "su -c 'apt-get update && apt-get install -y a b'"),
    ],
)
def test_where_nothing_may_be_installed_the_command_is_told(dev, monkeypatch, present, command):
    monkeypatch.setattr(dev.system.shutil, "which", lambda name: name if name in present else None)
    assert dev.system.typed_command(["a", "b"]) == command


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is asked of the system")
def test_a_refusal_names_what_is_missing_and_what_to_type(dev, monkeypatch):
    monkeypatch.setattr(dev.system, "root_prefix", lambda: None)
    monkeypatch.setattr(dev.system.shutil, "which", lambda name: name)
    with pytest.raises(
        dev.system.Refused, match="apt-get install -y --no-install-recommends no-such-package"
    ) as refusal:
        dev.system.ensure({"libno-such-thing.so.9": ("no-such-package",)}, venv_module=False)
    assert "libno-such-thing.so.9" in str(refusal.value)
    assert refusal.value.exit_code == 2


# --- the environment ---


def test_what_freezing_takes_from_the_system_is_installed_where_it_is_missing(dev, monkeypatch):
    installed = []
    monkeypatch.setattr(dev.system.sys, "platform", "linux")
    monkeypatch.setattr(dev.system, "install", lambda reason, needs: installed.append((reason, needs)))
    settings = {"INSTSONAME": "libpython9.9.so.1.0", "LIBDIR": "/nowhere"}
    monkeypatch.setattr(dev.system.sysconfig, "get_config_var", settings.get)
    monkeypatch.setattr(dev.system.shutil, "which", lambda tool: None)
    dev.system.ensure_freezing()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert installed == [
        ("Missing for freezing: objdump, libpython9.9.so.1.0.", [("binutils",), (f"libpython{version}",)])
    ]
    installed.clear()
    monkeypatch.setattr(dev.system.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    monkeypatch.setattr(dev.system, "missing_libraries", lambda wanted: [])
    dev.system.ensure_freezing()
    assert installed == []


def test_the_stamp_changes_with_all_the_environment_is_made_from(dev):
    first = dev.environment.stamp(b"lock", b"project", "3.11.7", Path("/a"))
    assert first == dev.environment.stamp(b"lock", b"project", "3.11.7", Path("/a"))
    others = [
        (b"other", b"project", "3.11.7", "/a"),
        (b"lock", b"other", "3.11.7", "/a"),
        (b"lock", b"project", "3.11.8", "/a"),
        (b"lock", b"project", "3.11.7", "/b"),
    ]
    for lock, project, python, root in others:
        assert dev.environment.stamp(lock, project, python, Path(root)) != first


@pytest.mark.parametrize(
    ("recorded", "version", "rebuilt"),
    [
        (None, None, True),
        (None, "3.10.13", True),
        (None, "3.11.7", False),
        ({"python": "3.11.7", "checkout": "/a", "packages": "any"}, "3.11.7", False),
        ({"python": "3.11.6", "checkout": "/a"}, "3.11.7", True),
        ({"python": "3.11.7", "checkout": "/moved"}, "3.11.7", True),
        ({}, "3.11.7", True),
    ],
)
def test_when_the_environment_is_made_anew(dev, recorded, version, rebuilt):
    assert dev.environment.must_be_rebuilt(recorded, version, Path("/a")) == rebuilt


def test_an_interpreter_is_asked_for_its_version(dev, tmp_path):
    assert dev.environment.interpreter_version(Path(sys.executable)) == ".".join(map(str, sys.version_info[:3]))
    assert dev.environment.interpreter_version(tmp_path / "python") is None


@pytest.mark.parametrize(
    ("environ", "certificates"),
    [({}, None), ({"SSL_CERT_FILE": "/s"}, "/s"), ({"SSL_CERT_FILE": "/s", "PIP_CERT": "/p"}, "/p")],
)
def test_pip_is_told_of_the_certificates_python_was_told_of(dev, environ, certificates):
    assert dev.environment.pip_settings(environ).get("PIP_CERT") == certificates


def test_an_environment_that_is_current_is_left_alone(dev, monkeypatch, tmp_path):
    version = dev.environment.interpreter_version(Path(sys.executable))
    current = dev.environment.stamp(
        dev.environment.LOCK.read_bytes(), dev.environment.PROJECT.read_bytes(), version, ROOT
    )
    monkeypatch.setattr(dev.environment, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(dev.environment, "venv_python", lambda: Path(sys.executable))
    installed = []
    monkeypatch.setattr(dev.environment, "install_packages", installed.append)
    dev.environment.STAMP.write_text(json.dumps(current), encoding="utf-8")
    assert dev.environment.ensure() == Path(sys.executable)
    assert not installed
    dev.environment.STAMP.write_text(json.dumps({**current, "packages": "of another lock"}), encoding="utf-8")
    dev.environment.ensure()
    dev.environment.ensure()
    assert installed == [Path(sys.executable)]


def test_the_lock_holds_every_package_that_is_asked_for_with_its_hash():
    lock = (ROOT / "packaging" / "lock.txt").read_text(encoding="utf-8")
    locked = {}
    for entry in lock.replace("\\\n", " ").splitlines():
        if not entry.startswith("#"):
            requirement, *hashes = entry.split(" --hash=")
            assert hashes, entry
            pinned = Requirement(requirement)
            locked[canonicalize_name(pinned.name)] = next(iter(pinned.specifier)).version
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = settings["project"]["dependencies"] + settings["build-system"]["requires"]
    for text in asked + settings["project"]["optional-dependencies"]["dev"]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), text


# --- the checks ---


@pytest.mark.parametrize(
    ("line", "summary"),
    [
        ("============= 12 passed in 0.50s =============", "12 passed in 0.50s"),
        ("1 failed, 12 passed, 2 skipped in 61.20s (0:01:01)", "1 failed, 12 passed, 2 skipped in 61.20s (0:01:01)"),
        ("\x1b[32m===== \x1b[1m3 passed\x1b[0m\x1b[32m in 0.01s\x1b[0m =====", "3 passed in 0.01s"),
        ("=== no tests ran in 0.01s ===", "no tests ran in 0.01s"),
        ("============= test session starts ==============", None),
        ("0.37s call     tests/unit/test_a.py::test_b", None),
    ],
)
def test_the_summary_line_is_known(dev, line, summary):
    assert dev.checks.summary_of(line) == summary


def test_every_step_runs_and_the_summary_comes_last(dev, capsys):
    ran = []

    def step(name, passes):
        return dev.checks.Step(name, lambda: ran.append(name) or passes)

    results = dev.checks.run_steps([step("First", True), step("Second", False), step("Third", True)])
    assert dev.verbs.conclude(results, "12 passed in 0.50s") == 1
    assert ran == ["First", "Second", "Third"]
    told = capsys.readouterr().out.splitlines()
    assert told[-2:] == ["Failed: Second.", "12 passed in 0.50s"]
    assert dev.verbs.conclude(results[:1]) == 0


def measured(path, lines, covered, missing=()):
    return {path: {"summary": {"num_statements": lines, "covered_lines": covered}, "missing_lines": list(missing)}}


@pytest.mark.parametrize(
    ("path", "covered", "reached"),
    [
        ("app/domain/terms.py", 100, True),
        ("app/domain/terms.py", 99, False),
        ("app\\domain\\terms.py", 99, False),
        ("app/engine/loop.py", 95, True),
        ("app/engine/loop.py", 94, False),
        ("app/desktop.py", 10, True),
    ],
)
def test_each_file_has_its_floor(dev, path, covered, reached):
    missing = range(covered + 1, 101)
    report = {
        "files": measured(path, 100, covered, missing),
        "totals": {"num_statements": 100, "covered_lines": 85},
    }
    problems = dev.checks.shortfalls(report)
    assert (problems == []) == reached
    assert all(path.replace("\\", "/") in problem for problem in problems)


@pytest.mark.parametrize(("covered", "reached"), [(85, True), (84, False)])
def test_the_program_as_a_whole_has_its_floor(dev, covered, reached):
    report = {"files": {}, "totals": {"num_statements": 100, "covered_lines": covered}}
    assert (dev.checks.shortfalls(report) == []) == reached


def test_a_file_without_lines_is_whole(dev):
    report = {"files": measured("app/domain/__init__.py", 0, 0), "totals": {"num_statements": 0, "covered_lines": 0}}
    assert dev.checks.shortfalls(report) == []


def test_lines_are_named_in_ranges(dev):
    assert dev.checks.ranges([3, 7, 8, 9, 12, 13]) == "3, 7-9, 12-13"
    assert dev.checks.ranges([]) == ""
