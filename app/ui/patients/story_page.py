"""One patient's story on one page. Shows a `StoryModel`; ids and codes stand behind Details."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.page import Page
from app.ui.patients.story_model import EventModel, Fact, RunModel, StoryModel, TermModel
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, bar, button, frame, label, set_tone, steady_figures, tidy

_FACTS_IN_A_ROW = 3

_NO_STORY = "There is no story to be seen."
_COPY = "Copy the whole story as text, for the patient's record."
_PDF = "Save the whole story as a file, every id with it."
_PRINT = "Print the whole story, every id with it."
_DETAILS = "Show the ids of messages and what the Spine said, or hide them."


class StoryPage(Page):
    """Signals: `copy_wanted()`, `pdf_wanted()`, `print_wanted()`, `back_wanted()`, `sign_in_wanted()`. `model` is what
    is shown, None for nothing.
    """

    topic = "story"

    copy_wanted = Signal()
    pdf_wanted = Signal()
    print_wanted = Signal()
    back_wanted = Signal()
    sign_in_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.model: StoryModel | None = None
        self.message = Notice(Tone.ATTENTION)
        self.sign_in_button = button("Sign in…")
        self.message.add(self.sign_in_button)
        self.details_button = button("Detai&ls")
        self.details_button.setCheckable(True)
        self.copy_button = button("Cop&y…")
        self.pdf_button = button("Save as PD&F…")
        self.print_button = button("Pri&nt…")
        self.leave_button = button("&Back", primary=True)
        self._body = QWidget()
        self._details: list[QLabel] = []
        self.content.addWidget(self.message)
        self.content.addWidget(self._body)
        self.content.addStretch(1)
        for one in (self.details_button, *self._ways_out, self.leave_button):
            self.footer.addWidget(one)
        self.sign_in_button.clicked.connect(self.sign_in_wanted)
        self.details_button.toggled.connect(self.on_details_toggled)
        self.copy_button.clicked.connect(self.copy_wanted)
        self.pdf_button.clicked.connect(self.pdf_wanted)
        self.print_button.clicked.connect(self.print_wanted)
        self.leave_button.clicked.connect(self.back_wanted)
        self.say("")

    def say(self, words: str) -> None:
        """Say why there is no story to be seen; what was shown is gone at once. An empty text is for its coming."""
        self._details = []
        self.model = None
        self._put(QWidget())
        self._allow(_NO_STORY)
        self.message.say(Tone.ATTENTION, words)

    def show_model(self, model: StoryModel) -> None:
        """Show this patient's story from its beginning."""
        self.message.say(Tone.ATTENTION, "")
        self.model = model
        self._allow(None)
        self._details = []
        body = QWidget()
        lines = QVBoxLayout(body)
        tidy(lines, spacing=4)
        name = label(model.name, "value", wraps=True)
        lines.addWidget(name)
        lines.addWidget(_panel(_facts(model.facts)))
        record = QHBoxLayout()
        tidy(record, spacing=4)
        record.addWidget(_record("Recorded here before", model.before), 1)
        record.addWidget(_record("Recorded here now", model.now), 1)
        lines.addLayout(record)
        if model.note:
            lines.addWidget(Notice(Tone.ACCENT, model.note))
        if model.notes:
            lines.addWidget(_notes(model.notes))
        for run in model.runs:
            if run.since_before:
                lines.addWidget(self._outside(run.since_before))
            lines.addWidget(self._run(run))
        if model.since:
            lines.addWidget(self._outside(model.since))
        if model.runs_note:
            lines.addWidget(label(model.runs_note, "secondary", wraps=True))
        self._put(body)
        self.on_details_toggled(self.details_button.isChecked())

    @property
    def _ways_out(self) -> tuple[QPushButton, ...]:
        return self.copy_button, self.pdf_button, self.print_button

    def _allow(self, why_not: str | None) -> None:
        for pressed, words in zip((self.details_button, *self._ways_out), (_DETAILS, _COPY, _PDF, _PRINT), strict=True):
            bar(pressed, why_not, words)

    def texts(self) -> tuple[str, ...]:
        """Everything that is to be read, in order; what is hidden is not."""
        return tuple(one.text() for one in self._body.findChildren(QLabel) if one.text() and not one.isHidden())

    @Slot(bool)
    def on_details_toggled(self, shown: bool) -> None:
        """Show ids and codes, or hide them."""
        for one in self._details:
            one.setVisible(shown)

    def default_button(self) -> QPushButton | None:
        """Back: there is nothing else to do here."""
        return self.leave_button

    def back_button(self) -> QPushButton | None:
        """Back."""
        return self.leave_button

    def _put(self, body: QWidget) -> None:
        self.content.replaceWidget(self._body, body)
        self._body.hide()
        self._body.deleteLater()
        self._body = body

    def _run(self, run: RunModel) -> QWidget:
        box = frame("panel")
        lines = QVBoxLayout(box)
        tidy(lines, margin=4, spacing=2)
        lines.addWidget(label(run.heading, "strong", wraps=True))
        decision = label(run.decision, wraps=True)
        set_tone(decision, run.tone)
        lines.addWidget(decision)
        if run.rule:
            lines.addWidget(label(run.rule, wraps=True))
        lines.addWidget(self._detail(run.details))
        for words in run.record:
            lines.addWidget(label(words, "secondary", wraps=True))
        lines.addLayout(_facts(run.facts))
        lines.addLayout(self._events(run.events))
        return box

    def _outside(self, events: tuple[EventModel, ...]) -> QWidget:
        """What happened about the patient between two runs, or after the latest."""
        box = frame("panel")
        lines = QVBoxLayout(box)
        tidy(lines, margin=4, spacing=2)
        lines.addWidget(label("Outside runs", "strong", wraps=True))
        lines.addLayout(self._events(events))
        return box

    def _events(self, events: tuple[EventModel, ...]) -> QGridLayout:
        grid = QGridLayout()
        tidy(grid)
        grid.setHorizontalSpacing(4 * STEP)
        grid.setVerticalSpacing(STEP)
        grid.setColumnStretch(1, 1)
        for at, event in enumerate(events):
            time = label(event.time, "secondary")
            steady_figures(time)
            what = QVBoxLayout()
            tidy(what)
            what.addWidget(label(event.what, wraps=True))
            what.addWidget(self._detail(f"{event.details}. By {event.by}."))
            grid.addWidget(time, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(what, at, 1)
        return grid

    def _detail(self, words: str) -> QLabel:
        made = label(words, "help", wraps=True)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if words:
            self._details.append(made)
        made.hide()
        return made


def _panel(inside: QGridLayout) -> QWidget:
    box = frame("panel")
    lines = QVBoxLayout(box)
    tidy(lines, margin=4)
    lines.addLayout(inside)
    return box


def _facts(facts: tuple[Fact, ...]) -> QGridLayout:
    grid = QGridLayout()
    tidy(grid)
    grid.setHorizontalSpacing(6 * STEP)
    grid.setVerticalSpacing(2 * STEP)
    for at, (word, value) in enumerate(facts):
        cell = QVBoxLayout()
        tidy(cell)
        cell.addWidget(label(word, "help"))
        cell.addWidget(label(value, wraps=True))
        grid.addLayout(cell, at // _FACTS_IN_A_ROW, at % _FACTS_IN_A_ROW)
        grid.setColumnStretch(at % _FACTS_IN_A_ROW, 1)
    return grid


def _notes(notes: tuple[str, ...]) -> QWidget:
    box = frame("quiet")
    lines = QVBoxLayout(box)
    tidy(lines, margin=4, spacing=2)
    lines.addWidget(label("Notes of the practice", "strong"))
    for note in notes:
        lines.addWidget(label(note, wraps=True))
    return box


def _record(heading: str, terms: tuple[TermModel, ...]) -> QWidget:
    box = frame("panel")
    lines = QVBoxLayout(box)
    tidy(lines, margin=4, spacing=2)
    lines.addWidget(label(heading, "strong"))
    for term in terms:
        entry = QVBoxLayout()
        tidy(entry)
        entry.addWidget(label(f"{term.term}. {term.note}." if term.note else term.term, wraps=True))
        for words in filter(None, (term.wording, term.recorded)):
            entry.addWidget(label(words, "help", wraps=True))
        lines.addLayout(entry)
    lines.addStretch(1)
    return box
