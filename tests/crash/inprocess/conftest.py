"""Practices for thousands of cases in one process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.templates import Templates, templates


@pytest.fixture(scope="module")
def practices() -> Iterator[Templates]:
    with templates() as made:
        yield made
