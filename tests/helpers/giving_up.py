"""Giving long work up at each of the places where it can be given up."""

from __future__ import annotations

from app.engine.long_work import Cancelled


class GivesUp:
    """A `Progress` that gives up at its n-th word (never with 0); `words` is what it was told."""

    def __init__(self, at: int = 0) -> None:
        self.words: list[tuple[str, int, int]] = []
        self._at = at

    def __call__(self, doing: str, done: int = 0, total: int = 0) -> None:
        self.words.append((doing, done, total))
        if len(self.words) == self._at:
            raise Cancelled

    @property
    def steps(self) -> list[str]:
        """The different things that were done, in order."""
        return list(dict.fromkeys(doing for doing, _, _ in self.words))
