"""What holds for the whole test session: the zone, an unseen Qt, folders and settings that are not the developer's.

It is set before anything of the program is imported, and child processes inherit it. Fixtures live beside the tests
that use them.
"""

from __future__ import annotations

import os
import tempfile
import time

import pytest
from hypothesis import HealthCheck, settings

# A developer's own settings must not reach the tests; these are switches of the test session itself.
KEPT_SETTINGS = {"SCR_BULK_PROGRAM", "SCR_BULK_SEED", "SCR_BULK_SOAK", "SCR_BULK_WRITE_SCREENSHOTS"}

# Whole-program tests share the two cores with nothing of their own kind: one worker takes them, one after another.
ONE_WORKER = ("tests/ui/", "tests/e2e/", "tests/crash/")
EVERY_WORKER = "tests/crash/inprocess/"


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the environment of this process and its children."""
    for name in [name for name in os.environ if name.startswith("SCR_BULK_") and name not in KEPT_SETTINGS]:
        del os.environ[name]
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    use_own_folders(config)
    if hasattr(time, "tzset"):
        os.environ["TZ"] = "Europe/London"
        time.tzset()
    # The machine's load says nothing about a rule: no deadline for one example.
    settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
    settings.load_profile("house")


def use_own_folders(config: pytest.Config) -> None:
    """Point the places where a desktop keeps data, settings and sockets into a folder that goes with the session."""
    folder = tempfile.TemporaryDirectory(prefix="scr-bulk-tests-")
    config.add_cleanup(folder.cleanup)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        os.environ[name] = os.path.join(folder.name, name.lower())  # noqa: PTH118 (environment values are text)
        os.mkdir(os.environ[name], mode=0o700)  # noqa: PTH102


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests that must not run beside each other to one worker."""
    for item in items:
        if item.nodeid.startswith(ONE_WORKER) and not item.nodeid.startswith(EVERY_WORKER):
            item.add_marker(pytest.mark.xdist_group("one-worker"))
