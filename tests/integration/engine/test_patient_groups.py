"""Patient groups: made from numbers and from lists, renamed, deleted, refused in words, audited with the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.errors import BadInput, Refused, StorageFault
from app.domain.patient import RegistrationStatus
from app.domain.session import Role
from app.domain.states import RunStatus
from app.domain.windows import Plan
from app.engine.groups import GroupDraft, MembersChange, PatientGroups, checked_name, draft_of_one
from app.engine.lists import ListQuery, OfGroup, OfPractice, OfRun
from app.engine.ports import GroupView
from app.engine.rights import Rights
from app.engine.run_lists import LISTS
from app.engine.schedule_rows import NewSchedule, ScheduledBy, ScheduleEnd
from app.exchange.number_list import TextNumberReader
from app.storage import audit
from app.storage.group_store import SqlGroupStore
from app.storage.patient_lists import SqlPatientLists
from app.storage.schedule_store import SqlScheduleStore
from app.storage.tables import audit_event, patient, patient_group_member
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.practice import number, numbers, patient_id
from tests.integration.engine.conftest import MakeBench

RECEPTIONIST = Role("555003", "Receptionist", "S8001:G8000:R8008", frozenset({"B0029"}))
GONE = {"registration": RegistrationStatus.TRANSFERRED_OUT}


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(dissenter("A"), consenter("B"), Person("C", flags=GONE), groups=[("Flu clinic", "A")])


@pytest.fixture
def groups(bench: Bench) -> PatientGroups:
    rights = Rights(bench.card, bench.launch_codes, bench.clock)
    return PatientGroups(SqlGroupStore(bench.database), TextNumberReader(), rights, bench.clock)


def members(bench: Bench, name: str) -> set[str]:
    lines = SqlPatientLists(bench.database).page(ListQuery(OfGroup(name)), None, 0, 1_000)
    return {line.surname.removeprefix("Surname-") for line in lines}


def events(bench: Bench) -> list[tuple[str, str, str | None, str | None, str]]:
    query = select(
        *(audit_event.c.action, audit_event.c.actor, audit_event.c.before, audit_event.c.after, audit_event.c.detail)
    ).where(audit_event.c.action.like("group_%"))
    return [tuple(row) for row in bench.rows(query.order_by(audit_event.c.number))]


def scheduled_for(bench: Bench, group: str) -> SqlScheduleStore:
    schedules = SqlScheduleStore(bench.database)
    plan = Plan(datetime(2026, 11, 3, 18, 30, tzinfo=UTC), None, None)
    by = ScheduledBy("Pat Manager", "Pat Manager (System Administrator, card 910000000001)", "FRONT-DESK")
    schedules.add(NewSchedule(CONSENT_MIGRATION.key, Action.RUN, group, plan), by, bench.clock.now())
    assert bench.queries.latest_run(CONSENT_MIGRATION.key).status is RunStatus.SCHEDULED
    return schedules


# --- from numbers -------------------------------------------------------------------------------------------------


def test_a_pasted_list_becomes_a_group(bench: Bench, groups: PatientGroups):
    draft = groups.draft_of_text(f"{bench.numbers['A']}\n{bench.numbers['C']}\n")
    assert (len(draft.patient_ids), draft.active, draft.faults, draft.repeats) == (2, 1, (), 0)
    assert groups.make("  Trial   run ", draft) == GroupView("Trial run", 2, 1)
    assert members(bench, "Trial run") == {"A", "C"}
    assert GroupView("Trial run", 2, 1) in bench.queries.groups()


def test_every_line_that_leads_to_nobody_is_named(bench: Bench, groups: PatientGroups):
    wrong = number(7)[:-1] + str((int(number(7)[-1]) + 1) % 10)
    draft = groups.draft_of_text(f"{bench.numbers['A']}\n{number(50)}\nAnn\n{wrong}\n{bench.numbers['A']}\n")
    assert [fault.line for fault in draft.faults] == [2, 3, 4]
    assert draft.faults[0].reason == "No patient of this practice has this NHS number."
    assert "one of its digits must be wrong" in draft.faults[2].reason
    assert draft.repeats == 1
    assert groups.make("Some", draft).members == 1
    for secret in (number(50), "Ann", wrong):
        assert secret not in "".join(map(str, draft.faults))


def test_two_patients_with_one_number_are_both_taken(bench: Bench, groups: PatientGroups):
    with bench.database.writing() as connection:
        connection.execute(update(patient).where(patient.c.patient_ref == "B").values(nhs_number=bench.numbers["A"]))
    groups.make("Doubles", groups.draft_of_text(bench.numbers["A"]))
    assert members(bench, "Doubles") == {"A", "B"}


def test_a_file_of_numbers_becomes_a_group(bench: Bench, groups: PatientGroups, tmp_path: Path):
    path = tmp_path / "numbers.csv"
    path.write_text(f"name,nhs_number\nx,{bench.numbers['B']}\ny,1\n")
    draft = groups.draft_of_file(path)
    assert [fault.line for fault in draft.faults] == [3]
    assert groups.make("From a file", draft).members == 1
    with pytest.raises(BadInput):
        groups.draft_of_file(tmp_path / "none.csv")


def test_very_many_numbers_are_looked_up(bench: Bench, groups: PatientGroups):
    draft = groups.draft_of_text("\n".join(numbers(5_000)))
    assert len(draft.patient_ids) == 3
    assert len(draft.faults) == 4_997


# --- from a list --------------------------------------------------------------------------------------------------


def test_what_was_searched_for_becomes_a_group(bench: Bench, groups: PatientGroups):
    query = ListQuery(OfPractice(), search="surname a")
    assert groups.sizes(query) == (1, 1)
    assert groups.make("Found", query) == GroupView("Found", 1, 1)
    assert members(bench, "Found") == {"A"}


@pytest.mark.parametrize("key", LISTS)
def test_any_list_of_a_run_becomes_a_group(bench: Bench, groups: PatientGroups, key: str):
    bench.run()
    query = ListQuery(OfRun(1, LISTS[key]))
    size = SqlPatientLists(bench.database).count(query)
    assert groups.sizes(query)[0] == size
    if size:
        assert groups.make("Listed", query).members == size
    else:
        with pytest.raises(Refused, match="Nobody is on this list"):
            groups.make("Listed", query)
        assert [view.name for view in bench.queries.groups()] == ["Flu clinic"]


def test_a_group_of_a_list_is_what_it_was_when_it_was_made(bench: Bench, groups: PatientGroups):
    groups.make("Everybody", ListQuery(OfPractice()))
    assert members(bench, "Everybody") == {"A", "B", "C"}
    bench.database.close()


def test_a_group_that_was_made_can_be_run(bench: Bench, groups: PatientGroups):
    groups.make("Trial run", groups.draft_of_text(f"{bench.numbers['B']}\n{bench.numbers['C']}"))
    view = bench.run(group="Trial run")
    assert view.counts.total == 1
    assert bench.item("B").run_id == view.run_id


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Trial", "Trial"), ("  a  b ", "a b"), ("x" * 60, "x" * 60), ("<b>", "<b>"), ("Ü 75s", "Ü 75s")],
)
def test_a_name_is_kept_without_surplus_spaces(typed: str, kept: str):
    assert checked_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\t\n", "x" * 61, "a\x07b", "a\u202eb", "a\ud800"])
def test_a_name_that_cannot_be_is_refused(typed: str):
    with pytest.raises(BadInput):
        checked_name(typed)


@pytest.mark.parametrize("name", ["Flu clinic", "FLU CLINIC", " flu  clinic "])
def test_a_name_that_another_group_has_is_refused_regardless_of_case(bench: Bench, groups: PatientGroups, name: str):
    draft = groups.draft_of_text(bench.numbers["B"])
    with pytest.raises(Refused, match="already"):
        groups.make(name, draft)
    groups.make("Other", draft)
    with pytest.raises(Refused, match="already"):
        groups.rename("Other", name)
    assert members(bench, "Flu clinic") == {"A"}
    assert members(bench, "Other") == {"B"}


def test_small_letters_of_any_alphabet_are_known(bench: Bench, groups: PatientGroups):
    draft = groups.draft_of_text(bench.numbers["B"])
    groups.make("Ärzte", draft)
    with pytest.raises(Refused):
        groups.make("ÄRZTE", draft)


def test_nobody_makes_no_group(groups: PatientGroups):
    with pytest.raises(BadInput, match="Nobody"):
        groups.make("Empty", GroupDraft((), 0, ()))


# --- renaming and deleting ----------------------------------------------------------------------------------------


def test_a_group_is_renamed_and_deleted(bench: Bench, groups: PatientGroups):
    groups.rename("Flu clinic", "flu clinic")
    groups.rename("flu clinic", "Flu jabs")
    assert members(bench, "Flu jabs") == {"A"}
    groups.delete("Flu jabs")
    assert bench.queries.groups() == []
    assert bench.rows(select(patient_group_member)) == []
    assert bench.queries.patient_count() == 3
    for change in (lambda: groups.rename("Flu jabs", "x"), lambda: groups.delete("Flu jabs")):
        with pytest.raises(Refused, match="no patient group"):
            change()


def test_a_group_that_a_scheduled_run_will_look_for_stays_as_it_is(bench: Bench, groups: PatientGroups):
    schedules = scheduled_for(bench, "Flu clinic")
    for change in (lambda: groups.rename("Flu clinic", "Other"), lambda: groups.delete("Flu clinic")):
        with pytest.raises(Refused, match="scheduled run"):
            change()
    groups.make("Other", groups.draft_of_text(bench.numbers["B"]))
    groups.delete("Other")
    held = schedules.active()
    schedules.end(held.schedule.schedule_id, ScheduleEnd.CANCELLED, "x", bench.clock.now())
    groups.delete("Flu clinic")


def test_a_paused_run_of_a_group_has_its_patients_and_needs_the_group_no_more(bench: Bench, groups: PatientGroups):
    groups.make("Trial", groups.draft_of_text(f"{bench.numbers['A']}\n{bench.numbers['B']}"))
    bench.run(group="Trial", token=bench.stop_on_call(1))
    groups.delete("Trial")
    bench.spine.always = None
    assert bench.resume().status is RunStatus.COMPLETED


# --- adding patients and taking them out --------------------------------------------------------------------------


def test_patients_are_added_by_their_numbers_and_those_in_it_stay(bench: Bench, groups: PatientGroups):
    draft = groups.draft_of_text("\n".join(bench.numbers[name] for name in "ABC"))
    assert groups.add_members("Flu clinic", draft) == MembersChange(GroupView("Flu clinic", 3, 2), 2)
    assert members(bench, "Flu clinic") == {"A", "B", "C"}


def test_patients_are_taken_out_by_their_numbers_and_stay_in_the_practice(bench: Bench, groups: PatientGroups):
    groups.add_members("Flu clinic", groups.draft_of_text(f"{bench.numbers['B']}\n{bench.numbers['C']}"))
    draft = groups.draft_of_text(f"{bench.numbers['A']}\n{bench.numbers['C']}")
    assert groups.remove_members("Flu clinic", draft) == MembersChange(GroupView("Flu clinic", 1, 1), 2)
    assert members(bench, "Flu clinic") == {"B"}
    assert bench.queries.patient_count() == 3


def test_everybody_a_search_finds_is_added_and_taken_out(bench: Bench, groups: PatientGroups):
    everybody = ListQuery(OfPractice())
    assert groups.add_members("Flu clinic", everybody).changed == 2
    assert groups.remove_members("Flu clinic", replace(everybody, search="surname a")).changed == 1
    assert members(bench, "Flu clinic") == {"B", "C"}


def test_a_change_that_would_change_nothing_is_refused(bench: Bench, groups: PatientGroups):
    there, not_there = (groups.draft_of_text(bench.numbers[name]) for name in "AB")
    with pytest.raises(Refused, match="already"):
        groups.add_members("Flu clinic", there)
    with pytest.raises(Refused, match="None of them"):
        groups.remove_members("Flu clinic", not_there)
    for change in (groups.add_members, groups.remove_members):
        with pytest.raises(BadInput, match="Nobody was named"):
            change("Flu clinic", GroupDraft((), 0, ()))
        with pytest.raises(Refused, match="no patient group"):
            change("Nothing", there)
    assert events(bench) == []


def test_nobody_is_left_over_only_by_deleting(bench: Bench, groups: PatientGroups):
    with pytest.raises(Refused, match="Delete the group instead"):
        groups.remove_members("Flu clinic", groups.draft_of_text(f"{bench.numbers['A']}\n{bench.numbers['B']}"))
    assert members(bench, "Flu clinic") == {"A"}


def test_a_change_that_breaks_off_leaves_the_group_as_it_was(bench: Bench, groups: PatientGroups, monkeypatch):
    """All or nothing: its event is the last thing written."""

    def broken(*_: object) -> None:
        raise StorageFault("the disk is full")

    monkeypatch.setattr("app.storage.group_store.append", broken)
    draft = groups.draft_of_text(bench.numbers["B"])
    with pytest.raises(StorageFault):
        groups.add_members("Flu clinic", draft)
    assert members(bench, "Flu clinic") == {"A"}


def test_very_many_are_added_and_taken_out(bench: Bench, groups: PatientGroups):
    draft = GroupDraft((*range(10_000, 15_000), *range(1, 4)), 0, ())
    assert groups.add_members("Flu clinic", draft).changed == 2
    assert groups.remove_members("Flu clinic", GroupDraft((*range(2, 9_000),), 0, ())).changed == 2


def test_a_run_keeps_the_patients_it_began_with(bench: Bench, groups: PatientGroups):
    groups.add_members("Flu clinic", groups.draft_of_text(bench.numbers["B"]))
    bench.run(group="Flu clinic", token=bench.stop_on_call(1))
    groups.remove_members("Flu clinic", groups.draft_of_text(bench.numbers["A"]))
    bench.spine.always = None
    assert bench.resume().counts.total == 2


def test_a_scheduled_run_takes_who_is_in_its_group_when_it_starts(bench: Bench, groups: PatientGroups):
    scheduled_for(bench, "Flu clinic")
    assert groups.add_members("Flu clinic", groups.draft_of_text(bench.numbers["B"])).changed == 1


# --- who, and what is written of it -------------------------------------------------------------------------------


def test_every_change_is_audited_with_the_person(bench: Bench, groups: PatientGroups):
    groups.make("Trial", groups.draft_of_text(bench.numbers["B"]))
    groups.rename("Trial", "Pilot")
    groups.rename("Pilot", "Pilot")
    groups.add_members("Pilot", groups.draft_of_text(f"{bench.numbers['A']}\n{bench.numbers['C']}"))
    groups.remove_members("Pilot", draft_of_one(patient_id(bench.database, "A")))
    groups.delete("Pilot")
    who = "Pat Manager (System Administrator, card 910000000001)"
    assert events(bench) == [
        ("group_made", who, None, "Trial", "1 patients"),
        ("group_renamed", who, "Trial", "Pilot", ""),
        ("group_enlarged", who, "Pilot", "Pilot", "2 patients added, 3 in all"),
        ("group_reduced", who, "Pilot", "Pilot", "1 patients taken out, 2 left"),
        ("group_deleted", who, "Pilot", None, "2 patients"),
    ]
    assert audit.first_broken(bench.database) is None


def test_a_refused_change_leaves_no_trace(bench: Bench, groups: PatientGroups):
    with pytest.raises(Refused):
        groups.make("flu clinic", groups.draft_of_text(bench.numbers["B"]))
    with pytest.raises(Refused):
        groups.make("Empty", ListQuery(OfPractice(), search="nobody at all"))
    assert events(bench) == []
    assert [view.name for view in bench.queries.groups()] == ["Flu clinic"]


@pytest.mark.parametrize("signed_in", [True, False])
def test_whoever_may_not_see_names_may_change_nothing(bench: Bench, groups: PatientGroups, signed_in: bool):
    bench.card.end()
    if signed_in:
        bench.card.sign_in(RECEPTIONIST)
    changes = (
        lambda: groups.draft_of_text("1"),
        lambda: groups.draft_of_file(Path("x")),
        lambda: groups.sizes(ListQuery(OfPractice())),
        lambda: groups.make("New", GroupDraft((1,), 1, ())),
        lambda: groups.add_members("Flu clinic", GroupDraft((2,), 1, ())),
        lambda: groups.remove_members("Flu clinic", GroupDraft((1,), 1, ())),
        lambda: groups.rename("Flu clinic", "New"),
        lambda: groups.delete("Flu clinic"),
    )
    for change in changes:
        with pytest.raises(Refused):
            change()
    assert events(bench) == []
