"""Previews of whole practices over real HTTP, held against the page, and against the run that follows.

The page's answers are worked out from the practice's files and not with the program's rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.bootstrap import create_demonstration, export_list, open_product, practice_database, previews_of_records
from app.bootstrap.product import Product
from app.clock import london_date
from app.config import load_settings
from app.domain.actions import Action
from app.domain.outcomes import ItemState, Reason
from app.domain.states import RunStatus
from app.engine.control import StopToken
from app.engine.lists import ListQuery, OfRun, every_line
from app.engine.long_work import nobody_waits
from app.engine.patient_line import PatientLine
from app.engine.press import Press
from app.engine.preview import Depth, Preview, Wish
from app.engine.preview_compare import Difference, compare
from app.engine.preview_lists import DISSENT_NOT_SENT, EVERYBODY, PREVIEW_LISTS, UNTOLD, WIDENING
from app.engine.preview_numbers import Cause
from app.engine.progress import ProgressBoard
from tests.helpers import databases
from tests.helpers.expected import DISSENT, Expected, expected_outcomes, rows
from tests.helpers.previewing import nothing_is_written
from tests.helpers.simulator import SimulatorProcess, running_simulator

CARD, PASSCODE = "910000000001", "123456"
PATIENTS = 250


@dataclass
class Surgery:
    """A demonstration practice, the simulated Spine that knows it, and what the page says of each patient."""

    folder: Path
    spine: SimulatorProcess
    product: Product
    expected: dict[str, Expected]

    def take(self, depth: Depth = Depth.SPINE) -> Preview:
        wish = Wish(Press(self.product.family.key, Action.RUN), depth)
        return self.product.previews.take(wish, StopToken(), ProgressBoard())

    def lines(self, preview: Preview, definition=EVERYBODY) -> dict[str, PatientLine]:
        query = ListQuery(OfRun(preview.view.run_id, definition))
        return {line.patient_ref: line for line in every_line(self.product.previews.copy().lists, query)}


@pytest.fixture(params=[3, 11, 29])
def surgery(request, tmp_path: Path) -> Iterator[Surgery]:
    folder = tmp_path / "practice"
    create_demonstration(load_settings(folder, environment={}), PATIENTS, request.param)
    databases.settle(folder)
    with running_simulator("--rate", "0", load=folder / "spine.csv") as spine:
        addresses = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth, "REQUESTS_PER_SECOND": "0"}
        settings = load_settings(folder, addresses, environment={})
        export_list(settings, tmp_path / "before")
        with open_product(settings) as product:
            product.reader.insert(CARD)
            product.reader.sign_in(PASSCODE)
            today = london_date(product.clock.now())
            expected = expected_outcomes(tmp_path / "before", folder / "spine.csv", today)
            yield Surgery(folder, spine, product, expected)


def test_a_preview_says_of_each_patient_what_the_page_says_and_the_run_then_does_it(surgery):
    with practice_database(load_settings(surgery.folder, environment={})) as files, nothing_is_written(files.database):
        preview = surgery.take()
    assert surgery.spine.writes() == []
    assert preview.view.status is RunStatus.COMPLETED
    lines, untold = surgery.lines(preview), surgery.lines(preview, UNTOLD)
    assert set(lines) == set(surgery.expected)
    for ref, wanted in surgery.expected.items():
        line = lines[ref]
        assert line.outcome is not None
        found = (
            line.outcome.state,
            line.outcome.reason,
            line.outcome.code_before,
            line.code_now,
            line.outcome.mismatch,
        )
        outcome, reason = wanted.outcome, wanted.reason
        if reason == "spine_rejected":
            # No question tells that the Spine does not know a number: that it may refuse is said, and nothing more.
            assert ref in untold
            outcome, reason = "sent", "dissent_sent"
        assert found == (outcome, reason, wanted.code_before, wanted.code_after, wanted.mismatch == "yes"), ref

    view = surgery.product.operator.execute(preview.wish.press, StopToken(), ProgressBoard())
    refused = [ref for ref, wanted in surgery.expected.items() if wanted.reason == "spine_rejected"]
    copy, practice = surgery.product.previews.copy().outcomes, surgery.product.outcomes
    comparison = compare(preview, copy, view, practice)
    assert dict(comparison.differing) == ({Difference.REFUSED: len(refused)} if refused else {})
    assert comparison.as_foreseen == len(surgery.expected) - len(refused)
    assert (view.reads, view.writes) == (preview.view.reads, preview.view.writes)


def test_the_two_warnings_count_what_the_files_say(surgery):
    preview = surgery.take()
    widening, not_sent = surgery.lines(preview, WIDENING), surgery.lines(preview, DISSENT_NOT_SENT)
    expected = surgery.expected
    assert set(widening) == {
        ref for ref, wanted in expected.items() if (wanted.code_before, wanted.code_after) == ("93C2.", "9Ndn.")
    }
    objecting = {ref for ref, wanted in expected.items() if wanted.code_before in DISSENT}
    unsent = {ref for ref in objecting if expected[ref].reason not in {"dissent_sent", "already_on_spine"}}
    unsent -= {ref for ref in objecting if expected[ref].reason == "spine_rejected"}
    by_now = {ref for ref in not_sent if not_sent[ref].outcome.code_before}
    assert by_now == unsent
    assert sum(preview.foreseen.causes.values()) == len(not_sent) == preview.foreseen.sizes[DISSENT_NOT_SENT.key]
    assert preview.foreseen.causes.get(Cause.FUTURE_DATED, 0) <= len(not_sent) - len(unsent)


@pytest.mark.parametrize("surgery", [11], indirect=True)
def test_from_the_records_alone_nothing_is_written_and_nobody_is_asked(surgery):
    asked, settings = len(surgery.spine.history()), load_settings(surgery.folder, environment={})
    with practice_database(settings) as files, nothing_is_written(files.database, events=()):
        preview = surgery.take(Depth.RECORDS)
    assert len(surgery.spine.history()) == asked
    lines = surgery.lines(preview)
    for ref, wanted in surgery.expected.items():
        outcome = lines[ref].outcome
        assert outcome is not None
        if wanted.reason in {"record_in_use", "nhs_number_invalid", "pds_mismatch", "not_permanent_yet"}:
            assert (outcome.state, outcome.reason, lines[ref].code_now) == (
                wanted.outcome,
                wanted.reason,
                wanted.code_after,
            )
        elif wanted.code_before in DISSENT:
            assert (outcome.state, outcome.reason) == (ItemState.SENT, Reason.DISSENT_SENT)
        else:
            assert outcome.state is ItemState.NOT_REQUIRED


@pytest.mark.parametrize("surgery", [29], indirect=True)
def test_a_patient_of_whom_the_spine_tells_nonsense_could_not_be_foreseen_and_the_others_are(surgery):
    asked = [ref for ref, wanted in surgery.expected.items() if wanted.reason == "nothing_to_do"]
    numbers = {row["patient_ref"]: row["nhs_number"] for row in rows(surgery.folder.parent / "before" / "patients.csv")}
    surgery.spine.put_faults({"nhs_number": numbers[asked[0]], "operation": "read", "action": {"answer": "html_200"}})
    preview = surgery.take()
    assert preview.foreseen.sizes["not-foreseen"] == 1
    assert set(surgery.lines(preview, PREVIEW_LISTS["not-foreseen"])) == {asked[0]}
    assert preview.view.counts.total == len(surgery.expected)
    assert surgery.spine.writes() == []
    surgery.spine.clear_faults()
    view = surgery.product.operator.execute(preview.wish.press, StopToken(), ProgressBoard())
    comparison = compare(preview, surgery.product.previews.copy().outcomes, view, surgery.product.outcomes)
    assert comparison.differing[Difference.NOT_FORESEEN] == 1


@pytest.mark.parametrize("surgery", [3], indirect=True)
def test_nothing_is_left_behind_and_no_spine_is_needed_for_the_records(surgery):
    surgery.take()
    assert list(surgery.folder.glob(".snapshot-*"))
    surgery.product.previews.forget()
    assert not list(surgery.folder.glob(".snapshot-*"))
    surgery.spine.stop()
    with previews_of_records(load_settings(surgery.folder, environment={})) as previews:
        wish = Wish(Press(surgery.product.family.key, Action.RUN), Depth.RECORDS)
        taken = previews.take(wish, StopToken(), ProgressBoard(), nobody_waits)
        assert taken.view.counts.total == len(surgery.expected)
    assert not list(surgery.folder.glob(".snapshot-*"))
