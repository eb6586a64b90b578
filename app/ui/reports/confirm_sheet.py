"""The dialog of Confirm dissents: what the latest pass found, the gravest first, and the button that begins another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.read_back import ReadBack
from app.engine.confirmation import Confirmation, NamedFinding
from app.engine.confirmation_words import headline, sentences, told_of, when_and_who
from app.ui.formatting import count, duration
from app.ui.front.sheet import Sheet
from app.ui.patients import words
from app.ui.tones import Tone
from app.ui.widgets import Notice, Sentences, bar, button, label

MEANING = (
    "To confirm a dissent is to read it back from the Spine. All that were sent, or found there, are asked for: "
    "nothing is sent, and nothing changes in the records."
)
NEVER = "The dissents have not been confirmed yet."
READING = "Looking what is known…"
NOTHING = "No dissent has been sent or found on the Spine yet, so there is nothing to confirm."
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Known:
    """What the dialog shows: the latest pass, how many there are to confirm, who is named (None: not allowed to)."""

    latest: Confirmation | None
    to_confirm: int
    gone: Sequence[NamedFinding] | None
    unread: Sequence[NamedFinding] | None


class ConfirmSheet(Sheet):
    """Signals: `confirm_wanted()`, `group_wanted()`."""

    confirm_wanted = Signal()
    group_wanted = Signal()

    def __init__(self, per_second: float, parent: QWidget | None) -> None:
        super().__init__("Confirm dissents", parent, width=165, height=125)
        self._per_second = per_second
        self.meaning = label(MEANING, "secondary", wraps=True)
        self.notice = Notice(Tone.QUIET, READING, speaks=True)
        self.when = label(role="secondary", wraps=True)
        self.sentences = Sentences(bullets=True)
        self.names_heading = label(role="strong", wraps=True)
        self.names = Sentences()
        self.estimate = label(wraps=True)
        self.confirm_button = button("C&onfirm dissents", primary=True)
        self.group_button = button("Keep as &group…")
        self.close_button = button("&Close")
        self.default, self.back = self.confirm_button, self.close_button
        for part in (self.meaning, self.notice, self.when, self.sentences, self.names_heading, self.names):
            self.content.addWidget(part)
        self.content.addStretch(1)
        self.content.addWidget(self.estimate)
        self.add_buttons(self.group_button, self.confirm_button, self.close_button)
        self.group_button.hide()
        self.group_button.setToolTip("Everybody on the worklist Dissent not sent, for a Rerun with that group.")
        self.names_heading.hide()
        bar(self.confirm_button, READING)
        self.confirm_button.clicked.connect(self.confirm_wanted)
        self.group_button.clicked.connect(self.group_wanted)
        self.close_button.clicked.connect(self.on_close)

    def show_known(self, known: Known, why_not: str | None) -> None:
        """Show what is known; `why_not` says why nobody may confirm now."""
        latest = known.latest
        if latest is None:
            self.notice.say(Tone.QUIET, NEVER)
            self.when.clear()
            self.sentences.show_sentences(())
        else:
            self.notice.say(_tone_of(latest), headline(latest))
            self.when.setText(when_and_who(latest))
            self.sentences.show_sentences(tuple(sentences(latest)))
        self._show_names(known)
        self.group_button.setVisible(latest is not None and latest.count(ReadBack.OTHERWISE) > 0)
        self._show_estimate(known.to_confirm)
        bar(self.confirm_button, why_not or (None if known.to_confirm else NOTHING))
        if self.confirm_button.isEnabled() and self.close_button.hasFocus():
            # It was barred as long as nothing was known.
            self.confirm_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def hide_names(self) -> None:
        """Take every name away at once."""
        self.names_heading.hide()
        self.names.show_sentences(())

    def _show_names(self, known: Known) -> None:
        gone, unread = known.gone or (), known.unread or ()
        total = 0
        if known.latest is not None:
            total = known.latest.count(ReadBack.OTHERWISE) + known.latest.count(ReadBack.NOT_READ)
        self.names_heading.setVisible(total > 0)
        if known.gone is None:
            self.names_heading.setText("Who they are is shown to those whose card allows lists with names.")
            self.names.show_sentences(())
            return
        self.names_heading.setText("These patients:")
        lines = [_named(one) for one in (*gone, *unread)][:MOST_NAMED]
        if total > len(lines):
            lines.append(f"And {count(total - len(lines))} more.")
        self.names.show_sentences(tuple(lines))

    def _show_estimate(self, to_confirm: int) -> None:
        if not to_confirm:
            self.estimate.setText(NOTHING)
            return
        time = f" It takes about {duration(to_confirm / self._per_second)}." if self._per_second else ""
        self.estimate.setText(f"There are {count(to_confirm)} to confirm.{time} Leave the card in the reader.")

    @Slot()
    def on_close(self) -> None:
        """Close was pressed."""
        self.dismiss()


def _tone_of(latest: Confirmation) -> Tone:
    if latest.count(ReadBack.OTHERWISE):
        return Tone.FAILED
    if latest.is_complete and latest.count(ReadBack.STILL_NO) == latest.dissents:
        return Tone.DONE
    return Tone.ATTENTION


def _named(one: NamedFinding) -> str:
    number = words.spaced_number(one.nhs_number)
    return f"{one.surname}, {one.forename}, NHS number {number}: {told_of(one)}"
