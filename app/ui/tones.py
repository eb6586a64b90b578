"""What a text, a notice or a marker tells at a glance; the style sheet gives each tone its colour."""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """The value of a widget's `tone` property."""

    PLAIN = ""
    QUIET = "quiet"
    ACCENT = "accent"
    DONE = "done"
    ATTENTION = "attention"
    FAILED = "failed"
