"""Who may look at which patients: every list and story the screen or a command shows comes through here.

Counts are for everybody. Names, and whether somebody is found by name or number, are for those entitled to them.
"""

from __future__ import annotations

from collections.abc import Callable

from app.engine.lists import ListQuery, OfRun, OfWorklist, PatientLists, ReasonCount
from app.engine.paging import Mark
from app.engine.patient_line import PatientLine
from app.engine.rights import Right, Rights
from app.engine.story import PatientStories, PatientStory


class GuardedLists:
    """`PatientLists` for whoever is signed in at that moment; may be used from any thread.

    `lists` gives those to look through at that moment; what it raises where there are none comes out here.
    """

    def __init__(self, lists: Callable[[], PatientLists], rights: Rights) -> None:
        self._lists_now = lists
        self._rights = rights

    def count(self, query: ListQuery) -> int:
        """How many patients the list holds. Raises `Refused` for a search by whoever may not see names."""
        if query.search.strip():
            self._rights.require(Right.SEE_NAMES)
        return self._lists_now().count(query)

    def reasons(self, source: OfRun | OfWorklist) -> list[ReasonCount]:
        """The list's patients by state and reason, the most frequent reason first."""
        return self._lists_now().reasons(source)

    def page(self, query: ListQuery, after: Mark | None, skip: int, limit: int) -> list[PatientLine]:
        """The rows beyond a mark. Raises `Refused` where names may not be seen."""
        self._rights.require(Right.SEE_NAMES)
        return self._lists_now().page(query, after, skip, limit)


class PatientViewer(GuardedLists):
    """The lists, and `PatientStories`, of the practice itself."""

    def __init__(self, lists: PatientLists, stories: PatientStories, rights: Rights) -> None:
        super().__init__(lambda: lists, rights)
        self._stories = stories

    def why_not(self) -> str | None:
        """Why no names may be seen just now, in words, or None when they may."""
        return self._rights.why_not(Right.SEE_NAMES)

    def story(self, patient_id: int) -> PatientStory | None:
        """What is known of a patient. Raises `Refused` where names may not be seen."""
        self._rights.require(Right.SEE_NAMES)
        return self._stories.story(patient_id)
