"""The words and numbers of an import: before, what was found, what was done. No widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.engine.list_preview import ListPreview, remarks_on
from app.engine.practice import ImportSummary
from app.ui.formatting import count, patients
from app.ui.tones import Tone

_ODS_CODE = re.compile(r"[A-Za-z0-9]{3,10}")
_SHOWN_REFERENCES = 200
_SHOWN_TO_LOOK_AT = 40


@dataclass(frozen=True, slots=True)
class PreviewModel:
    """What staff see of a list before it is stored. `figures` are pairs of a number and what it counts."""

    tone: Tone
    headline: str
    detail: str
    figures: tuple[tuple[str, str], ...]
    findings_title: str
    may_import: bool


def fault_of_code(text: str) -> str:
    """What is wrong with an ODS code, empty for nothing; it need not be given."""
    text = text.strip()
    if not text or _ODS_CODE.fullmatch(text):
        return ""
    return "An ODS code has three to ten letters and digits, such as A81001."


def preview_model(preview: ListPreview) -> PreviewModel:
    """What was found, in words."""
    if not preview.is_usable:
        number = len(preview.faults)
        faults = "1 fault" if number == 1 else f"{count(number)} faults"
        return PreviewModel(
            Tone.FAILED,
            f"This list cannot be imported: it has {faults}.",
            "Nothing was stored. Put them right in your clinical system or in the files, then look at the list again.",
            (),
            "What must be put right",
            may_import=False,
        )
    warnings = len(preview.warnings)
    to_look_at = bool(remark_words(preview.changes))
    detail = "Nothing has been stored yet. Compare the numbers with those of your clinical system, then press Import."
    return PreviewModel(
        Tone.ATTENTION if warnings or to_look_at else Tone.DONE,
        _usable(warnings, to_look_at=to_look_at),
        detail,
        _figures(preview),
        "What is odd, and taken in all the same" if warnings else "",
        may_import=True,
    )


def _usable(warnings: int, *, to_look_at: bool) -> str:
    if to_look_at:
        return "This list can be imported, but look first at what it would change."
    if not warnings:
        return "This list can be imported. Nothing is wrong with it."
    lines = "One line is" if warnings == 1 else f"{count(warnings)} lines are"
    return f"This list can be imported. {lines} worth a look."


def _figures(preview: ListPreview) -> tuple[tuple[str, str], ...]:
    sizes = preview.sizes
    figures = [
        _figure(sizes.patients, "patient", "patients"),
        _figure(preview.active, "of them is active and would be scanned", "of them are active and would be scanned"),
        _figure(sizes.entries, "consent entry", "consent entries"),
        _figure(preview.dissents, "of them is a dissent", "of them are dissents"),
        _figure(sizes.memberships, "place in a patient group", "places in patient groups"),
    ]
    if preview.changes is not None:
        changes = preview.changes
        figures += [
            _figure(changes.added, "patient is new", "patients are new"),
            _figure(changes.updated, "is known and brought up to date", "are known and brought up to date"),
            _figure(
                len(changes.kept), "is not in this list and stays as it is", "are not in this list and stay as they are"
            ),
        ]
    return tuple(figures)


def _figure(number: int, one: str, many: str) -> tuple[str, str]:
    return count(number), one if number == 1 else many


def done_words(summary: ImportSummary, *, update: bool) -> str:
    """What an import did."""
    if update:
        return (
            f"The list is up to date: {patients(summary.added)} new, {count(summary.updated)} brought up to date, "
            f"{count(summary.entries)} consent entries."
        )
    return f"The practice is made: {patients(summary.added)} with {count(summary.entries)} consent entries."


def remark_words(changes: ImportSummary | None) -> str:
    """Whom to look at about an update, by reference; empty for nobody."""
    remarks = [] if changes is None else remarks_on(changes)
    return "\n\n".join(f"{remark.words} {_named(remark.references, _SHOWN_TO_LOOK_AT)}" for remark in remarks)


def names_words(summary: ImportSummary) -> str:
    """Afterwards: whom to look at, and who was not in the newer list, by reference; empty for nobody."""
    kept = f"Not in this list, and kept as they were: {_named(summary.kept, _SHOWN_REFERENCES)}" if summary.kept else ""
    return "\n\n".join(words for words in (remark_words(summary), kept) if words)


def _named(references: tuple[str, ...], most: int) -> str:
    more = len(references) - most
    tail = f" and {count(more)} more" if more > 0 else ""
    return f"{', '.join(references[:most])}{tail}."
