"""What a screen reader says without being asked: one place that hands words over to it."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def say_aloud(source: QWidget, words: str, *, urgent: bool = False) -> None:
    """Have a screen reader say this, in the name of a widget that is shown; what is `urgent` may interrupt."""
    event = QAccessibleAnnouncementEvent(source, words)
    kind = QAccessible.AnnouncementPoliteness
    event.setPoliteness(kind.Assertive if urgent else kind.Polite)
    QAccessible.updateAccessibility(event)
