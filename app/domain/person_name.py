"""Names as they are sorted and found: letter case, accents, apostrophes and hyphens do not matter. Stores nothing."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"})
_APOSTROPHES = "'’‘`´ʼ"


def search_words(text: str) -> list[str]:
    """The words of a name or of what somebody typed to find one: "O'Brien-Müller" is obrien and muller."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    kept = (
        character if character.isalnum() else " "
        for character in decomposed
        if not unicodedata.combining(character) and character not in _APOSTROPHES
    )
    return "".join(kept).split()


def name_key(surname: str, forename: str) -> str:
    """The text patients are sorted by, and found by: each word stands after a space.

    The tab sorts before the space, so that every Smith comes before the first Smith Jones.
    """
    return f" {' '.join(search_words(surname))}\t {' '.join(search_words(forename))}"
