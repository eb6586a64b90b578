"""A patient's story as something that can be saved and printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtPrintSupport import QPrinter

from app.engine.long_work import Progress
from app.engine.reports import Medium
from app.engine.story_desk import StoryTaken
from app.ui.patients.story_model import StoryModel
from app.ui.reports import words
from app.ui.reports.devices import new_printer
from app.ui.reports.story_pages import draw_story, print_story
from app.ui.reports.takeable import Told
from app.ui.services import Stories


@dataclass(frozen=True, slots=True)
class TakeStory:
    """The story that is shown, as it was when it was asked for."""

    desk: Stories
    patient_id: int
    model: StoryModel = field(repr=False)

    def who(self) -> str:
        """Whoever may see names."""
        return self.desk.who_takes().user_name

    def file_name(self, medium: Medium) -> str:  # noqa: ARG002 - it is a PDF file or paper
        """The number that the audit trail calls the patient by: nothing that names anybody."""
        return f"patient-story-no-{self.patient_id}.pdf"

    def question(self, medium: Medium) -> str:
        """That it names one patient."""
        return words.question(medium, 1)

    def detail(self, medium: Medium, place: str, who: str) -> str:
        """What it tells of the patient."""
        return words.story_detail(medium, place, who)

    def new_printer(self) -> QPrinter:
        """Pages upright."""
        return new_printer(upright=True)

    def work(self, medium: Medium, place: str, printer: QPrinter | None) -> Told:
        """Draw the pages."""
        desk, patient_id, model = self.desk, self.patient_id, self.model
        if printer is not None:

            def print_it(progress: Progress) -> str:
                progress("Printing the story")
                desk.put_on_paper(patient_id, place, lambda taken: print_story(model, taken, printer))
                return words.done(medium, place, 1)

            return print_it

        def save_it(progress: Progress) -> str:
            progress("Writing the story")

            def draw(taken: StoryTaken, path: Path) -> None:
                draw_story(model, taken, path)

            desk.save(patient_id, Path(place), draw)
            return words.done(medium, place, 1)

        return save_it
