"""Letting one patient's story out of the program: as text on the clipboard, as a file, on paper.

What it looks like is the screen's affair; here is the right, asked each time, and the audit trail, which knows of it
before anything leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.clock import Clock
from app.domain.session import CardSession
from app.engine.ports import actor_words
from app.engine.practice import PracticeInfo
from app.engine.reports import Medium
from app.engine.rights import Right, Rights

NoteStory = Callable[[str, int, str], None]
"""Keeps in the audit trail that this actor took the story of this patient out of the program, and how."""


@dataclass(frozen=True, slots=True)
class StoryTaken:
    """What stands with a story that left the program: whose list, who took it with which role, when (UTC)."""

    practice: PracticeInfo
    by: str = field(repr=False)
    at: datetime


class StoryDesk:
    """Gives stories out to whoever may see names at that moment; but for `who_takes` never called in the window's
    thread.

    `whole` is as in `reports.ReportFiles`. Every call raises `Refused` for the right, and `StorageFault`.
    """

    def __init__(
        self,
        note: NoteStory,
        whole: Callable[[Path], AbstractContextManager[Path]],
        practice: Callable[[], PracticeInfo],
        rights: Rights,
        clock: Clock,
    ) -> None:
        self._note = note
        self._whole = whole
        self._practice = practice
        self._rights = rights
        self._clock = clock

    def who_takes(self) -> CardSession:
        """The session a story would be taken under now."""
        return self._rights.require(Right.SEE_NAMES)

    def copy(self, patient_id: int) -> StoryTaken:
        """Note that a story is copied, which the caller then does."""
        return self._taken(patient_id, Medium.CLIPBOARD, "")

    def save(self, patient_id: int, path: Path, draw: Callable[[StoryTaken, Path], None]) -> None:
        """Have a story drawn into a file. Raises `BadInput` where it cannot be written; then there is no new file."""
        with self._whole(path) as written:
            draw(self._taken(patient_id, Medium.PDF, str(path)), written)

    def put_on_paper(self, patient_id: int, printer: str, put: Callable[[StoryTaken], None]) -> None:
        """Have a story printed."""
        put(self._taken(patient_id, Medium.PRINT, printer))

    def _taken(self, patient_id: int, medium: Medium, place: str) -> StoryTaken:
        session = self.who_takes()
        actor = actor_words(session.user_name, session.role.name, session.card_uid)
        self._note(actor, patient_id, ", ".join(filter(None, ("story", medium.value, place))))
        return StoryTaken(self._practice(), f"{session.user_name}, {session.role.name}", self._clock.now())
