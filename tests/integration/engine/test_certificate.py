"""The go-live certificate: its figures against counts made anew, its checks after whole runs, and who may take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.bootstrap.reports import certifier_of
from app.domain.actions import CONSENT_MIGRATION
from app.domain.decision import Permission
from app.domain.errors import BadInput, Refused
from app.domain.outcomes import ItemState
from app.domain.session import Role
from app.domain.states import RunStatus
from app.engine.certificate import Certificate, Certifier, checks_of, exceptions_of, is_complete
from app.engine.certificate_words import COMPLETE, COMPLETE_WITH_MORE, NOT_COMPLETE, REHEARSAL, text_lines, verdict
from app.engine.long_work import Cancelled
from app.engine.ports import NewRun
from app.engine.practice import SpineKind
from app.engine.rights import Rights
from app.storage.database import PracticeDatabase
from app.storage.executions import add_run
from app.storage.tables import run
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.card import Card
from tests.helpers.expected import DISSENT, counting_code
from tests.helpers.giving_up import GivesUp
from tests.helpers.practice import clinician_adds, reception_changes
from tests.helpers.seeded import rows_of, seeded_practice
from tests.helpers.soak import size
from tests.helpers.tampering import without_triggers
from tests.integration.engine.conftest import MakeBench
from tests.integration.engine.test_confirmation import confirm, lift

RECEPTIONIST = Role("555003", "Receptionist", "S8001:G8000:R8008", frozenset({"B0029"}))
ACTIVE = "registration IN ('applied', 'permanent')"


def certifier(bench: Bench) -> Certifier:
    return certifier_of(bench.database, Rights(bench.card, bench.launch_codes, bench.clock))


def failing(certificate: Certificate) -> list[str]:
    """The checks that do not pass, by how they begin."""
    return [check.words.split(":")[0] for check in checks_of(certificate) if not check.passed]


# --- the figures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=range(size(2, 20)))
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeDatabase]:
    database, _ = seeded_practice(tmp_path_factory.mktemp("certificate") / "data", request.param, size(300, 20_000))
    yield database
    database.close()


def test_every_figure_is_what_the_plain_rows_say(drawn: PracticeDatabase):
    rights = Rights(Card(drawn.clock), {"B0062"}, drawn.clock)
    figures = certifier_of(drawn, rights).certify("Pat").figures
    people = {row["id"]: row for row in rows_of(drawn, f"SELECT * FROM patient WHERE {ACTIVE}")}
    items = rows_of(drawn, "SELECT * FROM item ORDER BY id")
    latest = {row["patient_id"]: row for row in items if row["state"] in {"sent", "failed", "not_required"}}
    wanted = Counter(
        (latest[whose]["state"], latest[whose]["reason"]) if whose in latest else (None, None) for whose in people
    )
    assert {(one.state, one.reason): one.patients for one in figures.outcomes} == wanted
    assert figures.active == len(people) == sum(wanted.values())
    entries: dict[int, list[dict[str, Any]]] = {whose: [] for whose in people}
    for row in rows_of(drawn, "SELECT * FROM consent_entry ORDER BY position"):
        if row["patient_id"] in entries:
            entries[row["patient_id"]].append(
                {"read_code": row["code"], "event_date": row["event_date"], "recorded_at": row["recorded_at"]}
            )
    today = drawn.clock.now().date()
    objecting = {whose for whose, own in entries.items() if counting_code(own, today) in DISSENT}
    assert figures.dissents == len(objecting) == figures.on_spine + figures.not_shown
    in_latest = {row["patient_id"] for row in items if row["run_id"] == 2}
    assert figures.joined == len(people.keys() - in_latest)
    legacy = {whose for whose, own in entries.items() if {"93C2.", "93C3."} & {one["read_code"] for one in own}}
    assert figures.unconverted == len(legacy)
    of_latest = Counter(row["state"] for row in items if row["run_id"] == 2)
    assert figures.in_progress == of_latest["unprocessed"] + of_latest["sending"]
    [end] = rows_of(drawn, "SELECT audit_number, audit_hash FROM meta")
    assert (figures.events, figures.seal) == (end["audit_number"], end["audit_hash"])


# --- after whole runs -------------------------------------------------------------------------------------------------


@pytest.fixture
def done(make_bench: MakeBench) -> Bench:
    """A run after which nothing is left to do."""
    bench = make_bench(
        dissenter("A"),
        dissenter("B", permission=Permission.NO),
        consenter("C"),
        Person("D", has_scr=True),
        Person("E"),
    )
    bench.run()
    return bench


def test_a_practice_that_is_done_and_read_back_is_complete(done: Bench):
    done.database.mark_spine(SpineKind.SIMULATED, "Pat")
    assert failing(certifier(done).certify("Pat")) == ["The dissents were read back from the Spine"]
    confirm(done)
    made = certifier(done).certify("Pat")
    assert failing(made) == []
    assert is_complete(made)
    assert exceptions_of(made) == {}
    assert verdict(made) == COMPLETE
    words = "\n".join(text_lines(made))
    assert "[Yes] Every dissent recorded here is known to be on the Spine: 2 of 2." in words
    assert "2 dissents are on the Spine." in words
    assert REHEARSAL in words
    assert made.figures.seal in words


@pytest.mark.parametrize("spine", [SpineKind.REAL, SpineKind.UNSET])
def test_only_a_practice_with_a_simulated_spine_has_a_word_of_a_rehearsal(done: Bench, spine: SpineKind):
    made = certifier(done).certify("Pat")
    made = replace(made, practice=replace(made.practice, spine=spine))
    assert REHEARSAL not in "\n".join(text_lines(made))


def test_before_any_run_nothing_is_claimed(make_bench: MakeBench):
    made = certifier(make_bench(dissenter("A"), consenter("B"))).certify("Pat")
    assert not is_complete(made)
    assert failing(made) == [
        "Every dissent recorded here is known to be on the Spine",
        "The dissents were read back from the Spine",
        "Every active patient has an outcome",
    ]
    assert exceptions_of(made) == {"Dissents not sent": 1, "Patients without an outcome": 2}
    assert verdict(made) == NOT_COMPLETE


def test_a_dissent_that_is_gone_from_the_spine_is_named_first(done: Bench):
    confirm(done)
    lift(done, "A")
    confirm(done)
    made = certifier(done).certify("Pat")
    assert failing(made) == [
        "Every dissent recorded here is known to be on the Spine",
        "The dissents were read back from the Spine",
    ]
    assert list(exceptions_of(made).items()) == [
        ("Dissents NOT on the Spine when they were read back", 1),
        ("Dissents not sent", 1),
    ]


def test_a_run_after_the_reading_back_asks_for_another(done: Bench):
    confirm(done)
    done.rerun()
    made = certifier(done).certify("Pat")
    assert failing(made) == ["The dissents were read back from the Spine"]
    assert any("confirm again" in check.words for check in checks_of(made))


def test_who_failed_joined_or_left_is_told(make_bench: MakeBench):
    bench = make_bench(
        dissenter("A"),
        dissenter("B", flags={"pds_linked": False}),
        Person("M", has_scr=True, permission=Permission.NO),
        consenter("L"),
    )
    bench.run()
    bench.add(consenter("J"))
    reception_changes(bench.database, "L", registration="transferred_out")
    made = certifier(bench).certify("Pat")
    assert made.figures.active == 4
    assert made.figures.with_state(ItemState.FAILED) == 1
    assert exceptions_of(made) == {
        "Dissents not sent": 1,
        "Dissents on the Spine, not here": 1,
        "Patients without an outcome": 1,
        "Patients who joined since the latest run began": 1,
    }
    assert "Nobody is left failed" in failing(made)
    bench.rerun(group=None)
    assert certifier(bench).certify("Pat").figures.with_state(None) == 0


def test_a_refusal_that_only_a_date_in_the_future_holds_keeps_it_from_being_complete(done: Bench):
    """It does not count yet, so no run sends it: its patient objects all the same, and nobody else knows."""
    clinician_adds(done.database, "E", "9Ndo.", date(2029, 11, 1))
    confirm(done)
    made = certifier(done).certify("Pat")
    assert exceptions_of(made) == {"Dissents not sent": 1}
    assert failing(made) == ["Nobody's dissent waits for a date in the future"]
    assert verdict(made) == NOT_COMPLETE


def test_what_is_left_is_not_denied_where_every_check_passes(make_bench: MakeBench):
    bench = make_bench(dissenter("A"), Person("M", has_scr=True, permission=Permission.NO))
    bench.run()
    confirm(bench)
    made = certifier(bench).certify("Pat")
    assert is_complete(made)
    assert exceptions_of(made) == {"Dissents on the Spine, not here": 1}
    assert verdict(made) == COMPLETE_WITH_MORE


def test_an_old_term_that_came_after_the_run_is_left_to_look_after(done: Bench):
    """A newer list brought it: the patient's outcome is that of a record which has changed since."""
    clinician_adds(done.database, "C", "93C2.", date(2026, 11, 1))
    confirm(done)
    made = certifier(done).certify("Pat")
    assert exceptions_of(made) == {"Patients with an old consent term that is not converted yet": 1}
    assert verdict(made) == COMPLETE_WITH_MORE
    done.rerun()
    assert "old consent term" not in str(exceptions_of(certifier(done).certify("Pat")))


@pytest.mark.parametrize("status", [RunStatus.SCHEDULED, RunStatus.ABANDONED])
def test_nobody_has_joined_since_a_run_that_has_not_begun(tmp_path: Path, status: RunStatus):
    """A run that waits for its time, or was cancelled before it, has no patients yet."""
    database, _ = seeded_practice(tmp_path / "waits", seed=1, patients=30)
    desk = certifier_of(database, Rights(Card(database.clock), {"B0062"}, database.clock))
    joined = desk.certify("Pat").figures.joined
    with database.writing() as connection:
        connection.execute(update(run).values(status=RunStatus.COMPLETED))
        add_run(connection, NewRun(CONSENT_MIGRATION.key, None), status, "Pat", "front desk", database.clock.now())
    assert desk.certify("Pat").figures.joined == joined > 0
    database.close()


def test_a_trail_that_was_touched_is_told(tmp_path: Path):
    database, _ = seeded_practice(tmp_path / "touched", seed=1, patients=30)
    sql = "UPDATE audit_event SET detail = 'nothing' WHERE number = 4"
    without_triggers(database, lambda connection: connection.exec_driver_sql(sql))
    made = certifier_of(database, Rights(Card(database.clock), {"B0062"}, database.clock)).certify("Pat")
    database.close()
    assert f"The audit trail of {made.figures.events} events is damaged at event 4." in failing(made)


# --- taking it --------------------------------------------------------------------------------------------------------


def test_it_is_made_and_taken_by_somebody_who_may_and_kept_in_the_trail(done: Bench, tmp_path: Path):
    desk = certifier(done)
    made = desk.make()
    assert made.taken_by == "Pat Manager (System Administrator)"
    desk.save(made, tmp_path / "certificate.pdf", lambda certificate, path: path.write_text("page") and None)
    assert (tmp_path / "certificate.pdf").read_text() == "page"
    desk.put_on_paper(made, "Front desk", lambda certificate: None)
    taken = rows_of(done.database, "SELECT * FROM audit_event WHERE action = 'certificate_taken' ORDER BY number")
    assert [(row["actor"], row["detail"]) for row in taken] == [
        (
            "Pat Manager (System Administrator, card 910000000001)",
            f"not complete, 5 active patients, 0 dissents not sent, {how}",
        )
        for how in (f"PDF file, {tmp_path / 'certificate.pdf'}", "print, Front desk")
    ]
    done.card.sign_in(RECEPTIONIST)
    for call in (desk.make, lambda: desk.save(made, tmp_path / "x.pdf", lambda certificate, path: None)):
        with pytest.raises(Refused, match="B0011"):
            call()
    assert not (tmp_path / "x.pdf").exists()


def test_a_certificate_that_cannot_be_written_leaves_no_trace(done: Bench, tmp_path: Path):
    desk = certifier(done)
    with pytest.raises(BadInput):
        desk.save(desk.make(), tmp_path / "nowhere" / "x.pdf", lambda certificate, path: None)
    assert not rows_of(done.database, "SELECT * FROM audit_event WHERE action = 'certificate_taken'")


def test_it_can_be_given_up(done: Bench):
    steps = GivesUp()
    certifier(done).certify("Pat", steps)
    assert "Counting the latest outcomes" in steps.steps
    for at in range(1, len(steps.words) + 1):
        with pytest.raises(Cancelled):
            certifier(done).certify("Pat", GivesUp(at))
