"""Worklists against counts made anew in plain SQL, on practices drawn by chance; and how they empty.

The SQL here is written from the rules, with none of the program's conditions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.domain.outcomes import Reason
from app.engine.lists import ListQuery, OfWorklist, Sort, Worklist
from app.engine.patient_line import PatientLine
from app.storage import patient_lists
from app.storage.database import PracticeDatabase
from app.storage.patient_lists import SqlPatientLists
from tests.helpers.seeded import leave_marks_and_looks, rows_of, seeded_practice
from tests.helpers.soak import size

SIZES = [*((seed, 200) for seed in range(20)), (20, size(2_000, 20_000))]

TERMS = "('93C2.', '93C3.', '9Ndl.', '9Ndm.', '9Ndn.', '9Ndo.')"
TODAY = "'2026-11-02'"
JUDGE = f"""
WITH active AS (SELECT * FROM patient WHERE registration IN ('applied', 'permanent')),
terms AS MATERIALIZED (SELECT * FROM consent_entry WHERE code IN {TERMS}),
dated AS (
    SELECT *, rank() OVER (PARTITION BY patient_id ORDER BY event_date DESC) AS place
    FROM terms WHERE event_date <= {TODAY}
),
latest AS (
    SELECT *, count(CASE WHEN code <> '9Ndl.' THEN 1 END) OVER (PARTITION BY patient_id) AS express
    FROM dated WHERE place = 1
),
rivals AS (
    SELECT *, count(*) OVER (PARTITION BY patient_id) AS rivals,
        count(recorded_at) OVER (PARTITION BY patient_id) AS timed,
        max(recorded_at) OVER (PARTITION BY patient_id) AS last_time
    FROM latest WHERE express = 0 OR code <> '9Ndl.'
),
objectors AS (
    SELECT DISTINCT patient_id FROM rivals
    WHERE code IN ('93C3.', '9Ndo.') AND (rivals > timed OR recorded_at = last_time)
),
future_only AS (
    SELECT DISTINCT patient_id FROM terms
    WHERE code IN ('93C3.', '9Ndo.') AND event_date > {TODAY} AND patient_id NOT IN (SELECT patient_id FROM dated)
),
facts AS (
    SELECT i.patient_id, i.execution_id AS at, 0 AS by_look, CASE
        WHEN i.state = 'sent' OR i.permission_before = 'No' OR i.reason IN ('already_on_spine', 'dissent_on_spine')
        THEN 'No' WHEN i.permission_before IN ('Ask', 'Yes') THEN 'Ask' END AS told
    FROM item i JOIN patient p ON p.id = i.patient_id WHERE i.execution_id > p.number_since
    UNION ALL
    SELECT c.patient_id, c.after_execution, 1, CASE
        WHEN c.permission = 'No' THEN 'No' WHEN c.permission IN ('Ask', 'Yes') THEN 'Ask' END
    FROM spine_check c JOIN patient p ON p.id = c.patient_id AND p.nhs_number = c.nhs_number
),
last_fact AS (
    SELECT *, row_number() OVER (PARTITION BY patient_id ORDER BY at DESC, by_look DESC) AS n
    FROM facts WHERE told IS NOT NULL
),
on_spine AS (SELECT patient_id FROM last_fact WHERE n = 1 AND told = 'No'),
outcomes AS (
    SELECT *, row_number() OVER (PARTITION BY patient_id ORDER BY run_id DESC) AS n
    FROM item WHERE state IN ('sent', 'failed', 'not_required')
),
last_outcome AS (SELECT * FROM outcomes WHERE n = 1),
lists AS (
    SELECT 'dissent-not-sent' AS worklist, id FROM active
    WHERE (id IN (SELECT patient_id FROM objectors) OR id IN (SELECT patient_id FROM future_only))
        AND id NOT IN (SELECT patient_id FROM on_spine)
    UNION ALL
    SELECT 'mismatch', id FROM active
    WHERE id IN (SELECT patient_id FROM on_spine) AND id NOT IN (SELECT patient_id FROM objectors)
    UNION ALL SELECT 'failed', id FROM active
    WHERE id IN (SELECT patient_id FROM last_outcome WHERE state = 'failed')
    UNION ALL SELECT 'several-terms', id FROM active
    WHERE id IN (SELECT patient_id FROM terms GROUP BY patient_id HAVING count(*) > 1)
    UNION ALL SELECT 'future-dated', id FROM active
    WHERE id IN (SELECT patient_id FROM terms WHERE event_date > {TODAY})
),
found_since AS (
    SELECT m.patient_id, m.worklist FROM worklist_mark m JOIN patient p ON p.id = m.patient_id
    WHERE (m.worklist <> 'failed' AND m.consent_version <> p.consent_version)
        OR (m.worklist IN ('failed', 'mismatch', 'dissent-not-sent') AND m.audit_number < (
            SELECT max(number) FROM audit_event a
            WHERE a.patient_id = m.patient_id AND a.action IN ('outcome', 'spine_checked')))
        OR (m.worklist IN ('failed', 'mismatch', 'dissent-not-sent') AND m.after_execution < (
            SELECT max(execution_id) FROM item i WHERE i.patient_id = m.patient_id))
)
SELECT l.worklist, l.id, o.reason, EXISTS (
    SELECT 1 FROM worklist_mark m WHERE m.patient_id = l.id AND m.worklist = l.worklist AND m.dealt_with
        AND NOT EXISTS (SELECT 1 FROM found_since s WHERE s.patient_id = l.id AND s.worklist = l.worklist)
) AS dealt_with
FROM lists l LEFT JOIN last_outcome o ON o.patient_id = l.id
"""


class Practice:
    """A seeded practice, and whom each worklist should hold."""

    def __init__(self, folder: Path, seed: int, patients: int) -> None:
        self.database, _ = seeded_practice(folder, seed, patients)
        leave_marks_and_looks(random.Random(f"marks {seed}"), self.database)
        self.lists = SqlPatientLists(self.database)
        self.judged = rows_of(self.database, JUDGE)

    def expected(self, source: OfWorklist) -> set[int]:
        return {
            row["id"]
            for row in self.judged
            if (row["worklist"], bool(row["dealt_with"])) == (source.worklist, source.dealt_with)
            and source.reason in (None, row["reason"])
        }

    def lines(self, query: ListQuery) -> list[PatientLine]:
        found: list[PatientLine] = []
        while page := self.lists.page(query, found[-1].mark if found else None, 0, 97):
            found += page
        return found


@pytest.fixture(scope="module", params=SIZES[:-1], ids=lambda one: f"seed{one[0]}-{one[1]}")
def practice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    made = Practice(tmp_path_factory.mktemp("worklists") / "data", *request.param)
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """One practice large enough that nothing is missing in it by chance."""
    made = Practice(tmp_path_factory.mktemp("worklists") / "data", *SIZES[-1])
    yield made
    made.database.close()


SOURCES = [OfWorklist(worklist, None, dealt_with) for worklist in Worklist for dealt_with in (False, True)]


def test_every_worklist_holds_whom_plain_sql_finds(practice):
    for source in SOURCES:
        expected = practice.expected(source)
        assert practice.lists.count(ListQuery(source)) == len(expected), source
        assert {line.patient_id for line in practice.lines(ListQuery(source))} == expected, source


def test_the_large_one_too(large):
    test_every_worklist_holds_whom_plain_sql_finds(large)
    test_the_failed_by_reason_add_up(large)


def test_the_failed_by_reason_add_up(practice):
    total = 0
    for one in practice.lists.reasons(OfWorklist(Worklist.FAILED)):
        source = OfWorklist(Worklist.FAILED, one.reason)
        assert practice.lists.count(ListQuery(source)) == one.patients == len(practice.expected(source))
        assert practice.lists.count(ListQuery(OfWorklist(Worklist.FAILED), reason=one.reason)) == one.patients
        total += one.patients
    assert total == practice.lists.count(ListQuery(OfWorklist(Worklist.FAILED)))


def test_no_worklist_is_empty_by_chance(large):
    for source in SOURCES:
        assert large.expected(source), source


@pytest.mark.parametrize("long", [0, 5000])
@pytest.mark.parametrize(
    "source",
    [
        OfWorklist(Worklist.SEVERAL_TERMS),
        OfWorklist(Worklist.FAILED),
        OfWorklist(Worklist.FAILED, dealt_with=True),
        OfWorklist(Worklist.FAILED, Reason.RECORD_IN_USE),
    ],
)
def test_every_order_gives_the_same_patients_in_order(large, monkeypatch: pytest.MonkeyPatch, source, long: int):
    """A list of many is gone through in another way than one that is sorted as a whole."""
    monkeypatch.setattr(patient_lists, "_LONG", long)
    assert large.expected(source)
    for sort in Sort:
        for descending in (False, True):
            lines = large.lines(ListQuery(source, sort=sort, descending=descending))
            assert len(lines) == len(large.expected(source))
            assert {line.patient_id for line in lines} == large.expected(source)
            places = [(line.mark.value, line.mark.tie) for line in lines]
            assert all((a > b) if descending else (a < b) for a, b in pairwise(places)), (sort, descending)


def test_each_row_tells_the_latest_outcome_the_mark_and_the_look(large):
    database: PracticeDatabase = large.database
    latest: dict[int, dict[str, Any]] = {}
    for row in rows_of(database, "SELECT * FROM item WHERE state NOT IN ('unprocessed', 'sending') ORDER BY run_id"):
        latest[row["patient_id"]] = row
    marks = {
        (row["patient_id"], row["worklist"]): bool(row["dealt_with"])
        for row in rows_of(database, "SELECT * FROM worklist_mark")
    }
    looks = rows_of(
        database, "SELECT c.* FROM spine_check c JOIN patient p ON p.id = c.patient_id AND p.nhs_number = c.nhs_number"
    )
    looked = {row["patient_id"]: row["permission"] for row in looks}
    for source in SOURCES:
        for line in large.lines(ListQuery(source)):
            row = latest.get(line.patient_id)
            assert (line.outcome and line.outcome.state) == (row and row["state"])
            assert (line.handling and line.handling.dealt_with) == marks.get((line.patient_id, source.worklist))
            assert (line.look and line.look.consent.permission) == looked.get(line.patient_id)
            if source.dealt_with:
                assert line.handling.counts


def test_a_search_finds_on_a_worklist_too(large):
    query = ListQuery(OfWorklist(Worklist.SEVERAL_TERMS), search="smith")
    names = {row["id"]: row["name_key"] for row in rows_of(large.database, "SELECT id, name_key FROM patient")}
    expected = {one for one in large.expected(query.source) if " smith" in names[one]}
    assert {line.patient_id for line in large.lines(query)} == expected
    assert expected
