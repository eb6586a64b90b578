"""Who may look at whom in a preview: its lists come through here. Counts are for everybody, names are not."""

from __future__ import annotations

from app.engine.lists import ListQuery, Mark, OfRun, OfWorklist, PatientLine, PatientLists, ReasonCount
from app.engine.preview import Previewer
from app.engine.rights import Right, Rights


class ForeseenViewer:
    """The lists of the latest preview for whoever is signed in at that moment; may be used from any thread.

    Each raises `Refused` when there is no preview any more.
    """

    def __init__(self, previews: Previewer, rights: Rights) -> None:
        self._previews = previews
        self._rights = rights

    def count(self, query: ListQuery) -> int:
        """How many patients the list holds. Raises `Refused` for a search by whoever may not see names."""
        if query.search.strip():
            self._rights.require(Right.SEE_NAMES)
        return self._lists.count(query)

    def reasons(self, source: OfRun | OfWorklist) -> list[ReasonCount]:
        """The list's patients by state and reason, the most frequent reason first."""
        return self._lists.reasons(source)

    def page(self, query: ListQuery, after: Mark | None, skip: int, limit: int) -> list[PatientLine]:
        """The rows beyond a mark. Raises `Refused` where names may not be seen."""
        self._rights.require(Right.SEE_NAMES)
        return self._lists.page(query, after, skip, limit)

    @property
    def _lists(self) -> PatientLists:
        return self._previews.copy().lists
