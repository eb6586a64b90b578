"""The pages of a report, read back from the PDF file: every patient once, whole heads and feet, nothing shaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, qBlue, qGreen, qRed

from app.domain.states import RunStatus, StopReason
from app.engine.certificate_words import REHEARSAL
from app.engine.long_work import Cancelled, nobody_waits
from app.engine.patient_line import PatientLine
from app.engine.practice import SpineKind
from app.engine.reports import Sheets, TakenRows
from app.engine.rows import Counts
from app.engine.run_lists import LISTS
from app.ui.reports.devices import draw_pdf
from app.ui.reports.printed import NOBODY
from tests.helpers.giving_up import GivesUp
from tests.ui.fakes import demonstration, run_view
from tests.ui.patients.fake_lists import line
from tests.ui.reports.pdf import Pdf

A4_ACROSS = (842, 595)


def sheets(count: int, **changes: object) -> Sheets:
    """A report of so many patients."""
    lines = changes.pop("lines", None)
    rows = TakenRows(count, iter(lines) if isinstance(lines, list) else (line(at) for at in range(count)))
    made = Sheets(
        practice=demonstration(),
        definition=LISTS["failed"],
        run=run_view(RunStatus.COMPLETED, Counts(failed=count)),
        taken_by="Alison Marsh (System Administrator)",
        taken_at=datetime(2026, 11, 24, 17, 2, tzinfo=UTC),
        rows=rows,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def drawn(qapp: object, tmp_path: Path) -> Iterator[object]:
    opened: list[Pdf] = []

    def draw(made: Sheets) -> Pdf:
        draw_pdf(made, tmp_path / "report.pdf", nobody_waits)
        opened.append(Pdf(tmp_path / "report.pdf"))
        return opened[-1]

    yield draw
    for one in opened:
        one.close()


def test_every_patient_stands_on_the_pages_once_in_order(drawn):
    pdf = drawn(sheets(100))
    assert pdf.size == A4_ACROSS
    numbers = [found for text in pdf.all_lines() for found in re.findall(r"999 \d{3} \d{4}", text)]
    assert numbers == [f"999 {at // 10_000:03} {at % 10_000:04}" for at in range(100)]


def test_every_page_says_what_it_is_of_whom_and_which_of_how_many(drawn):
    pdf = drawn(sheets(100))
    assert len(pdf) == 6
    for page in range(len(pdf)):
        words = " ".join(pdf.lines(page))
        for wanted in (
            "Failed",
            "Demonstration Practice, Y12345",
            "100 patients",
            "Consent Migration, run 1, begun 24/11/2026 16:17 by Alison Marsh on FRONT-DESK",
            ", completed 24/11/2026 16:31.",
            "Taken 24/11/2026 17:02 by Alison Marsh (System Administrator).",
            "NHS number",
            REHEARSAL,
            f"Page {page + 1} of 6",
        ):
            assert wanted in words


@pytest.mark.parametrize(("patients", "pages"), [(0, 1), (1, 1), (18, 1), (19, 2), (36, 2), (37, 3)])
def test_the_number_of_pages_is_known_beforehand(drawn, patients: int, pages: int):
    pdf = drawn(sheets(patients))
    assert len(pdf) == pages
    assert f"Page {pages} of {pages}" in " ".join(pdf.lines(pages - 1))
    assert (NOBODY in " ".join(pdf.lines(0))) is (patients == 0)


def test_a_real_practices_pages_say_nothing_of_a_rehearsal(drawn):
    real = replace(demonstration(), name="High Street Surgery", demonstration=False, spine=SpineKind.REAL)
    pdf = drawn(sheets(3, practice=real))
    assert "REHEARSAL" not in " ".join(pdf.lines(0))


def test_a_paused_run_of_a_group_is_told_as_that(drawn):
    run = run_view(RunStatus.STOPPED, Counts(unprocessed=3), StopReason.USER, group="Trial run")
    words = " ".join(drawn(sheets(3, run=run)).lines(0))
    assert ", paused. Only the group Trial run." in words


def test_long_names_are_set_smaller_before_they_are_cut(drawn):
    double = replace(line(0), surname="Grzegorczyk-Featherstonehaugh", forename="Anna-Maria")
    longest = replace(line(1), surname="Featherstonehaugh-Cholmondeley-Grzegorczyk-Marjoribanks", forename="Bo")
    found = drawn(sheets(2, lines=[double, longest])).lines(0)
    assert "Grzegorczyk-Featherstonehaugh" in found
    [cut] = [text for text in found if text.startswith("Featherstonehaugh-")]
    assert cut.endswith("…")
    assert len(cut) > 25


def test_letters_of_other_languages_and_markup_stand_as_they_are(drawn):
    names = ("Łukasik", "Ó Conaire", "<b>Bold</b>", "Müller & Söhne")
    made: list[PatientLine] = [replace(line(at), surname=name) for at, name in enumerate(names)]
    assert set(names) <= set(drawn(sheets(4, lines=made)).lines(0))


def test_the_letters_are_in_the_file(drawn, tmp_path: Path):
    drawn(sheets(1))
    assert b"/FontFile2" in (tmp_path / "report.pdf").read_bytes()


def test_it_is_black_on_white_and_nothing_runs_into_the_margins(drawn):
    picture: QImage = drawn(sheets(100)).picture(1)
    width, height = picture.width(), picture.height()
    margin = int(9.0 / 297 * width)
    coloured = dark = at_margin = 0
    for y in range(0, height, 2):
        for x in range(0, width, 2):
            pixel = picture.pixel(x, y)
            shades = (qRed(pixel), qGreen(pixel), qBlue(pixel))
            coloured += max(shades) - min(shades) > 24
            dark += max(shades) < 128
            outside = x < margin or x > width - margin or y < margin or y > height - margin
            at_margin += outside and max(shades) < 250
    assert (coloured, at_margin) == (0, 0)
    assert 0.01 < dark / (width * height / 4) < 0.12


def test_it_can_be_given_up_at_every_page(qapp: object, tmp_path: Path):
    steps = GivesUp()
    draw_pdf(sheets(100), tmp_path / "report.pdf", steps)
    assert len(steps.words) == 7
    for at in (1, 3, 7):
        with pytest.raises(Cancelled):
            draw_pdf(sheets(100), tmp_path / "report.pdf", GivesUp(at))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such disk here")
def test_a_full_disk_is_an_error_and_no_file_with_holes(qapp: object):
    with pytest.raises(OSError, match="No space left"):
        draw_pdf(sheets(2_000), Path("/dev/full"), nobody_waits)
    with pytest.raises(OSError, match="No space left"):
        draw_pdf(sheets(1), Path("/dev/full"), nobody_waits)
