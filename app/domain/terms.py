"""The six Summary Care Record consent terms (Read v2, five-byte), and how the legacy ones are converted.

Four other sharing codes may stand in a record; they are not consent to the Summary Care
Record, so they are known by name and never touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

NO_PREFERENCE = "No Preference Expressed"


class TermKind(Enum):
    """What a consent term says."""

    IMPLIED_CONSENT = "implied consent"
    EXPRESS_CONSENT = "express consent"
    DISSENT = "dissent"


@dataclass(frozen=True, slots=True)
class Term:
    """One consent term: its five-character code, its wording, what it says, and the code it becomes if legacy."""

    code: str
    wording: str
    kind: TermKind
    becomes: str | None = None

    @property
    def is_legacy(self) -> bool:
        """Whether the migration replaces this term."""
        return self.becomes is not None

    @property
    def is_dissent(self) -> bool:
        """Whether this term forbids the upload."""
        return self.kind is TermKind.DISSENT


LEGACY_CONSENT = Term(
    "93C2.",
    "Consent given for upload to national shared electronic record",
    TermKind.EXPRESS_CONSENT,
    becomes="9Ndn.",
)
LEGACY_DISSENT = Term(
    "93C3.", "Refused consent for upload to national shar electronic rec", TermKind.DISSENT, becomes="9Ndo."
)
IMPLIED_CONSENT = Term("9Ndl.", "Implied consent for core Summary Care Record dataset upload", TermKind.IMPLIED_CONSENT)
CORE_CONSENT = Term("9Ndm.", "Express consent for core Summary Care Record dataset upload", TermKind.EXPRESS_CONSENT)
ADDITIONAL_CONSENT = Term(
    "9Ndn.", "Express consent for core and additional SCR dataset upload", TermKind.EXPRESS_CONSENT
)
EXPRESS_DISSENT = Term("9Ndo.", "Express dissent for Summary Care Record dataset upload", TermKind.DISSENT)

TERMS: dict[str, Term] = {
    term.code: term
    for term in (
        LEGACY_CONSENT,
        LEGACY_DISSENT,
        IMPLIED_CONSENT,
        CORE_CONSENT,
        ADDITIONAL_CONSENT,
        EXPRESS_DISSENT,
    )
}

OTHER_SHARING_CODES = frozenset({"93C0.", "93C1.", "9Nd1.", "9Nd7."})
DISSENT_CODES = frozenset(code for code, term in TERMS.items() if term.is_dissent)

_CODE = re.compile(r"[0-9A-Za-z]+\.*")
_TERM_SUFFIX = re.compile(r"(?:[0-9A-Za-z]{2})?")


def five_byte_code(text: str) -> str | None:
    """A Read code as it is stored, from the ways systems write it; None when it cannot be one.

    "9Ndo", "9Ndo." and "9Ndo.00" (with a term suffix) are all "9Ndo."; shorter codes must come filled up with dots,
    as "93C..". Read codes are case-sensitive.
    """
    cleaned = text.strip()
    padded = f"{cleaned}." if len(cleaned) == 4 else cleaned
    code, suffix = padded[:5], padded[5:]
    well_formed = len(code) == 5 and _CODE.fullmatch(code) and _TERM_SUFFIX.fullmatch(suffix)
    return code if well_formed else None
