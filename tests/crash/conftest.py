"""Suites that kill, freeze, starve and damage: their judge tells in full what it found."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.helpers.judge")
