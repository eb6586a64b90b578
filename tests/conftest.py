"""What holds for the whole test session: the zone, an unseen Qt, folders and settings that are not the developer's.

It is set before anything of the program is imported, and child processes inherit it. Fixtures live beside the tests
that use them.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

SWITCH = "SCR_BULK_TEST_DATABASE"
"""The kind of database that every practice of the tests is made on; without it, see `both_databases`."""

# A developer's own settings must not reach the tests; these are switches of the test session itself.
KEPT_SETTINGS = {
    *("SCR_BULK_PROGRAM", "SCR_BULK_SEED", "SCR_BULK_SOAK", "SCR_BULK_WRITE_SCREENSHOTS"),
    SWITCH,
}

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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have the tests of modules marked `both_databases` run on either, or on the one that was asked for."""
    if metafunc.definition.get_closest_marker("both_databases") is None:
        return
    from tests.helpers.databases import WANTED, Kind

    kinds = list(Kind) if WANTED is None else [Kind(WANTED)]
    if WANTED is None and metafunc.definition.get_closest_marker("sqlite_only") is not None:
        kinds = [Kind.SQLITE]
    metafunc.parametrize("kind_of_database", kinds, ids=str, indirect=True)


@pytest.fixture(autouse=True)
def kind_of_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the practices of this test are kept in; databases on a server are removed at its end."""
    if not hasattr(request, "param") and SWITCH not in os.environ:
        yield
        return
    from tests.helpers import databases

    kind = getattr(request, "param", databases.under_test)
    if kind is databases.Kind.POSTGRESQL and request.node.get_closest_marker("sqlite_only"):
        pytest.skip("about the file that SQLite keeps")
    before, there = databases.under_test, databases.made()
    databases.use(kind)
    yield
    databases.use(before)
    databases.drop_those_after(there)
