"""Lists of patients against counts made anew: every list, search, filter and order on practices drawn by chance.

What a list should hold is worked out from the plain rows and the pages' words, with none of the program's conditions.
"""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, update

from app.domain.errors import Refused
from app.domain.outcomes import ItemState, Reason
from app.engine.lists import JoinedSince, ListQuery, OfGroup, OfPractice, OfRun, Sort
from app.engine.patient_line import PatientLine
from app.engine.run_lists import COUNTER_LISTS, LISTS
from app.storage import patient_lists
from app.storage.patient_lists import SqlPatientLists
from app.storage.tables import patient_group_member, run
from tests.helpers.expected import CONSENT_CODES, DISSENT, counting_code
from tests.helpers.seeded import GROUP, rows_of, seeded_practice
from tests.helpers.soak import size

TODAY = date(2026, 11, 2)
SEEDS = range(size(2, 20))
RUN = 2


class Practice:
    """A seeded practice, and what its plain rows say."""

    def __init__(self, folder: Any, seed: int) -> None:
        self.database, _ = seeded_practice(folder, seed)
        self.lists = SqlPatientLists(self.database)
        self.patients = {row["id"]: row for row in rows_of(self.database, "SELECT * FROM patient")}
        self.items = {row["patient_id"]: row for row in rows_of(self.database, "SELECT * FROM item WHERE run_id = 2")}
        self.histories: dict[int, list[dict[str, Any]]] = {patient_id: [] for patient_id in self.patients}
        for row in rows_of(self.database, "SELECT * FROM item ORDER BY run_id"):
            self.histories[row["patient_id"]].append(row)
        self.converted = {
            row["patient_id"]
            for row in rows_of(self.database, "SELECT * FROM audit_event WHERE run_id = 2")
            if row["action"] == "entry_converted"
        }
        self.entries: dict[int, list[dict[str, Any]]] = {patient_id: [] for patient_id in self.patients}
        for row in rows_of(self.database, "SELECT * FROM consent_entry ORDER BY position"):
            as_filed = {"read_code": row["code"], "event_date": row["event_date"], "recorded_at": row["recorded_at"]}
            self.entries[row["patient_id"]].append(as_filed)

    def all_of(self, query: ListQuery, size: int = 10_000) -> list[PatientLine]:
        """The whole list, page by page."""
        found: list[PatientLine] = []
        while page := self.lists.page(query, found[-1].mark if found else None, 0, size):
            found += page
        return found

    def ids(self, query: ListQuery) -> set[int]:
        return {line.patient_id for line in self.all_of(query)}

    def codes(self, patient_id: int) -> list[str]:
        return [entry["read_code"] for entry in self.entries[patient_id]]


@pytest.fixture(scope="module", params=SEEDS)
def practice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    made = Practice(tmp_path_factory.mktemp("lists") / "data", request.param)
    yield made
    made.database.close()


def is_on(key: str, practice: Practice, patient_id: int) -> bool:
    """Whether a patient of the run belongs on a list, in the pages' words."""
    item = practice.items[patient_id]
    entries = practice.entries[patient_id]
    ours = [entry for entry in entries if entry["read_code"] in CONSENT_CODES]
    tests: dict[str, Callable[[], bool]] = {
        "outcomes": lambda: True,
        "unprocessed": lambda: item["state"] == "unprocessed",
        "sending": lambda: item["state"] == "sending",
        "dissent-sent": lambda: item["state"] == "sent",
        "failed": lambda: item["state"] == "failed",
        "not-required": lambda: item["state"] == "not_required",
        "mismatch": lambda: bool(item["mismatch"]),
        "implied-consent-added": lambda: item["state"] == "not_required" and item["reason"] == "implied_consent_added",
        "legacy-converted": lambda: patient_id in practice.converted,
        "several-terms": lambda: len(ours) > 1,
        "future-dated": lambda: any(date.fromisoformat(entry["event_date"]) > TODAY for entry in ours),
        "dissent-not-sent": lambda: _dissent_not_sent(practice.histories[patient_id], entries),
    }
    return tests[key]()


def _dissent_not_sent(history: list[dict[str, Any]], entries: list[dict[str, Any]]) -> bool:
    counting = counting_code(entries, TODAY)
    ahead = any(e["read_code"] in DISSENT and date.fromisoformat(e["event_date"]) > TODAY for e in entries)
    objects = counting in DISSENT if counting else ahead
    return objects and not _known_on_spine(history)


def _known_on_spine(history: list[dict[str, Any]]) -> bool:
    """Whether the latest of a patient's items that tells anything of a dissent on the Spine tells that there is one."""
    for item in reversed(history):
        read_as_no = item["reason"] in {"already_on_spine", "dissent_on_spine"} or item["permission_before"] == "No"
        if item["state"] == "sent" or read_as_no:
            return True
        if item["permission_before"] in {"Ask", "Yes"}:
            return False
    return False


@pytest.mark.parametrize("key", LISTS)
def test_every_list_holds_whom_the_pages_say(practice, key):
    query = ListQuery(OfRun(RUN, LISTS[key]))
    expected = {patient_id for patient_id in practice.items if is_on(key, practice, patient_id)}
    assert practice.ids(query) == expected
    assert practice.lists.count(query) == len(expected)
    told = practice.lists.reasons(query.source)
    wanted = Counter((practice.items[one]["state"], practice.items[one]["reason"]) for one in expected)
    assert {(one.state.value, one.reason and one.reason.value): one.patients for one in told} == wanted
    assert [one.patients for one in told] == sorted((one.patients for one in told), reverse=True)


def test_no_list_is_empty_by_chance(practice):
    for key in LISTS:
        assert any(is_on(key, practice, patient_id) for patient_id in practice.items), key


def test_the_five_counters_lists_add_up_to_the_cohort(practice):
    counts = [practice.lists.count(ListQuery(OfRun(RUN, COUNTER_LISTS[state]))) for state in ItemState]
    assert sum(counts) == len(practice.items) == practice.lists.count(ListQuery(OfRun(RUN)))


def test_each_row_says_what_the_tables_say(practice):
    for line in practice.all_of(ListQuery(OfRun(RUN))):
        patient, item = practice.patients[line.patient_id], practice.items[line.patient_id]
        assert (line.nhs_number, line.surname, line.forename) == (
            patient["nhs_number"],
            patient["surname"],
            patient["forename"],
        )
        assert line.date_of_birth.isoformat() == patient["date_of_birth"]
        assert line.registration == patient["registration"]
        assert line.code_now == counting_code(practice.entries[line.patient_id], TODAY)
        outcome = line.outcome
        for mine, theirs in (("state", "state"), ("reason", "reason"), ("summary", "scr_on_spine")):
            assert getattr(outcome, mine) == item[theirs]
        for same in ("mismatch", "code_before", "permission_before", "attempts", "spine_code", "spine_text"):
            assert getattr(outcome, same) == item[same]
        assert (outcome.processed_at is None) == (item["processed_at"] is None)
        assert outcome.operator == ("Pat Manager" if item["execution_id"] else "")
        holds_no = item["state"] == "sent" or item["reason"] in {"already_on_spine", "dissent_on_spine"}
        assert outcome.permission_after == ("No" if holds_no else item["permission_before"])


# --- order and pages ----------------------------------------------------------------------------------------------

KEYS: dict[Sort, Callable[[PatientLine, Practice], Any]] = {
    Sort.NAME: lambda line, practice: practice.patients[line.patient_id]["name_key"],
    Sort.NHS_NUMBER: lambda line, practice: line.nhs_number or "",
    Sort.BORN: lambda line, practice: line.date_of_birth,
    Sort.REGISTRATION: lambda line, practice: line.registration.value,
    Sort.OUTCOME: lambda line, practice: line.outcome.state.value,
    Sort.REASON: lambda line, practice: practice.items[line.patient_id]["reason"] or "",
    Sort.TIME: lambda line, practice: practice.items[line.patient_id]["processed_at"] or "",
    Sort.HERE_BEFORE: lambda line, practice: line.outcome.code_before or "",
    Sort.SUMMARY: lambda line, practice: practice.items[line.patient_id]["scr_on_spine"] or "",
    Sort.SPINE_BEFORE: lambda line, practice: practice.items[line.patient_id]["permission_before"] or "",
    Sort.ATTEMPTS: lambda line, practice: line.outcome.attempts,
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("long", [3, 5000])
@pytest.mark.parametrize("sort", Sort)
def test_pages_put_together_are_the_list_in_order(practice, monkeypatch, sort, long, descending):
    monkeypatch.setattr(patient_lists, "_LONG", long)
    query = ListQuery(OfRun(RUN), sort=sort, descending=descending)
    whole = practice.all_of(query)
    assert practice.all_of(query, size=7) == whole
    assert len({line.patient_id for line in whole}) == len(practice.items) == len(whole)
    keys = [KEYS[sort](line, practice) for line in whole]
    assert keys == sorted(keys, reverse=descending)


@pytest.mark.parametrize("source", [OfPractice(), OfGroup(GROUP), JoinedSince(RUN), OfRun(RUN, LISTS["failed"])])
@pytest.mark.parametrize("sort", [sort for sort in Sort if not sort.needs_run])
def test_other_lists_come_in_order_too(practice, source, sort):
    query = ListQuery(source, sort=sort)
    whole = practice.all_of(query)
    assert practice.all_of(query, size=3) == whole
    assert len(whole) == practice.lists.count(query)
    keys = [KEYS[sort](line, practice) for line in whole]
    assert keys == sorted(keys)


def test_a_page_can_begin_anywhere(practice):
    draw = random.Random(1)
    query = ListQuery(OfRun(RUN), sort=Sort.REASON)
    whole = practice.all_of(query)
    for _ in range(20):
        at, skip = draw.randrange(-1, len(whole)), draw.randrange(50)
        after = whole[at].mark if at >= 0 else None
        assert practice.lists.page(query, after, skip, 5) == whole[at + 1 + skip : at + 6 + skip]


def test_names_stand_as_people_expect(practice):
    order = ["de Souza", "Łukasik", "Müller", "Ng", "O'Brien", "Smith", "Smith Jones", "Smythe", "ZHOU"]
    surnames = [line.surname for line in practice.all_of(ListQuery(OfPractice()))]
    seen = [before for before, after in pairwise([*surnames, ""]) if before != after]
    assert [name for name in seen if name in order] == order


# --- searching and filtering --------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Letters without accents, by another way than the program's."""
    kept = (c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return "".join(kept).replace("ł", "l").replace("'", "")


@pytest.mark.parametrize(
    "typed", ["smith", "SMI", "smith jones", "jones smith", "obrien", "o'brien", "muller", "Müller", "souza, jo", "luk"]
)
@pytest.mark.parametrize("source", [OfPractice(), OfRun(RUN), OfRun(RUN, LISTS["failed"]), OfGroup(GROUP)])
def test_a_name_is_found_as_it_is_typed(practice, source, typed):
    words = plain(typed).replace(",", " ").split()
    everybody = practice.ids(ListQuery(source))
    expected = {
        patient_id
        for patient_id in everybody
        for person in [practice.patients[patient_id]]
        for name in [plain(f"{person['surname']} {person['forename']}").replace("-", " ").replace("<", " ").split()]
        if all(any(part.startswith(word) for part in name) for word in words)
    }
    query = ListQuery(source, search=typed)
    assert practice.ids(query) == expected
    assert practice.lists.count(query) == len(expected)


def test_an_nhs_number_is_found_with_its_spacing(practice):
    numbered = {row["nhs_number"]: key for key, row in practice.patients.items() if row["nhs_number"]}
    number, patient_id = sorted(numbered.items())[10]
    for typed in (number, f"{number[:3]} {number[3:6]} {number[6:]}", f" {number[:3]}-{number[3:6]}-{number[6:]} "):
        assert practice.ids(ListQuery(OfPractice(), search=typed)) == {patient_id}
    begin = number[:8]
    assert practice.ids(ListQuery(OfRun(RUN), search=begin)) == {
        key for found, key in numbered.items() if found.startswith(begin) and key in practice.items
    }


@pytest.mark.parametrize("typed", ["%", "_", "'", '"; --', "99999999999", "nobody-at-all", "٣"])
def test_what_finds_nobody_finds_nobody(practice, typed):
    query = ListQuery(OfRun(RUN), search=typed)
    assert practice.lists.count(query) == 0
    assert practice.all_of(query) == []


@pytest.mark.parametrize("typed", ["", "   "])
def test_an_empty_search_asks_for_nothing(practice, typed):
    assert practice.lists.count(ListQuery(OfRun(RUN), search=typed)) == len(practice.items)


@pytest.mark.parametrize("sort", [Sort.NAME, Sort.TIME, Sort.BORN])
def test_a_search_keeps_the_order_and_the_reason(practice, sort):
    reason = Reason.PDS_MISMATCH
    query = ListQuery(OfRun(RUN), reason=reason, search="s", sort=sort)
    whole = practice.all_of(query, size=2)
    expected = {
        patient_id
        for patient_id, item in practice.items.items()
        if item["reason"] == reason and " s" in practice.patients[patient_id]["name_key"]
    }
    assert {line.patient_id for line in whole} == expected
    assert expected
    keys = [KEYS[sort](line, practice) for line in whole]
    assert keys == sorted(keys)


# --- other lists --------------------------------------------------------------------------------------------------


def test_who_joined_since_the_run_began(practice):
    active = {key for key, row in practice.patients.items() if row["registration"] in {"permanent", "applied"}}
    assert practice.ids(ListQuery(JoinedSince(RUN))) == active - set(practice.items)
    assert len(active - set(practice.items)) == 5


def test_who_joined_the_runs_group(practice):
    with practice.database.writing() as connection:
        connection.execute(update(run).where(run.c.id == 1).values(group_name=GROUP))
        joined = next(key for key, row in practice.patients.items() if row["patient_ref"] == "J0")
        connection.execute(insert(patient_group_member).values(group_id=1, patient_id=joined))
    try:
        assert practice.ids(ListQuery(JoinedSince(1))) == {joined}
    finally:
        with practice.database.writing() as connection:
            connection.execute(delete(patient_group_member).where(patient_group_member.c.patient_id == joined))
            connection.execute(update(run).values(group_name=None))


def test_a_groups_members_active_or_not(practice):
    members = {row["patient_id"] for row in rows_of(practice.database, "SELECT * FROM patient_group_member")}
    assert practice.ids(ListQuery(OfGroup(GROUP))) == members
    with pytest.raises(Refused):
        practice.lists.count(ListQuery(OfGroup("no such group")))


def test_a_page_costs_the_same_few_statements_however_long_it_is(practice):
    statements: list[str] = []
    engine = practice.database._engines.reader

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        numbers = set()
        for size in (1, 10, 200):
            statements.clear()
            practice.lists.page(ListQuery(OfRun(RUN)), None, 0, size)
            numbers.add(len(statements))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(numbers) == 1


def test_what_names_a_patient_is_not_in_what_a_log_would_show(practice):
    [line] = practice.lists.page(ListQuery(OfRun(RUN), search="o'brien"), None, 0, 1)
    for shown in (repr(line), repr(ListQuery(OfRun(RUN), search="o'brien"))):
        assert "brien" not in shown.lower()
        assert "999" not in shown
