"""The commands that look back: what was run, and the audit trail. Neither names a patient, so neither needs a card."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from app.bootstrap import practice_database
from app.cli.output import OK, counts_line, counts_object, show, show_json
from app.clock import london_text
from app.config import load_settings
from app.domain.errors import BadInput
from app.domain.phrases import duration
from app.engine.audit_trail import TrailLine, TrailQuery
from app.engine.history import ExecutionView, RunHistory
from app.engine.history_words import (
    RUN_STATUS_WORDS,
    SCOPE_WORDS,
    change_words,
    end_words,
    kind_words,
    run_title,
)
from app.exchange.cells import CellError, required_date

_PAGE = 1000


def show_history(options: argparse.Namespace) -> int:
    """Print the latest runs with their executions, newest first."""
    with practice_database(load_settings(options.data_dir)) as files:
        found = [files.history.run(run.run_id) for run in files.history.runs(None, options.limit)]
    runs = [one for one in found if one is not None]
    if options.json:
        show_json({"runs": [_run_object(one) for one in runs]})
        return OK
    for one in runs:
        for line in _run_lines(one):
            show(line)
    if not runs:
        show("There has been no run yet.")
    return OK


def show_audit(options: argparse.Namespace) -> int:
    """Print events of the audit trail, one a line, the latest last."""
    query = TrailQuery(
        kind=options.kind or "",
        run_id=options.run,
        first_day=_day(options.first_day),
        last_day=_day(options.last_day),
        descending=False,
    )
    with practice_database(load_settings(options.data_dir)) as files:
        trail = files.trail
        skip = max(0, trail.count(query) - options.limit) if options.limit else 0
        after = None
        while page := trail.page(query, after, skip if after is None else 0, _PAGE):
            for line in page:
                if options.json:
                    show_json(_event_object(line))
                else:
                    show(_event_line(line))
            after = page[-1].mark
    return OK


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else required_date(text)
    except CellError as fault:
        raise BadInput(str(fault)) from None


def _run_lines(told: RunHistory) -> Iterator[str]:
    run = told.run
    yield f"{run_title(run)}: {RUN_STATUS_WORDS[run.status]}, made {london_text(run.created_at)}"
    yield f"  {counts_line(run.counts)}"
    for one in told.executions:
        yield f"  {one.place}. {london_text(one.started_at)} to {_end(one)}, {one.operator} on {one.workstation}"
        yield f"     {SCOPE_WORDS[one.scope]}; {end_words(one)}; reads {one.reads:,}, messages {one.writes:,}"


def _end(one: ExecutionView) -> str:
    if one.ended_at is None:
        return "now"
    return f"{london_text(one.ended_at)} ({duration((one.ended_at - one.started_at).total_seconds())})"


def _event_line(line: TrailLine) -> str:
    of_run = f"run {line.run_id}" if line.run_id is not None else ""
    about = f"patient no. {line.patient_id}" if line.patient_id is not None else ""
    parts = filter(None, (kind_words(line.action), of_run, about, change_words(line), line.request_id))
    return f"{line.number}  {london_text(line.at)}  {line.actor}  {'; '.join(parts)}"


def _event_object(line: TrailLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "at": _instant(line.at),
        "actor": line.actor,
        "action": line.action,
        "run": line.run_id,
        "patient": line.patient_id,
        "request_id": line.request_id,
        "before": line.before,
        "after": line.after,
        "detail": line.detail,
    }


def _run_object(told: RunHistory) -> dict[str, Any]:
    run = told.run
    return {
        "run": run.run_id,
        "family": run.family,
        "group": run.group,
        "status": run.status.value,
        "reason": run.stop_reason.value if run.stop_reason else None,
        "created_at": _instant(run.created_at),
        "started_at": _instant(run.started_at),
        "ended_at": _instant(run.ended_at),
        "counts": counts_object(run.counts),
        "requests": {"read": run.reads, "write": run.writes},
        "executions": [_execution_object(one) for one in told.executions],
    }


def _execution_object(one: ExecutionView) -> dict[str, Any]:
    return {
        "place": one.place,
        "scope": one.scope.value,
        "operator": one.operator,
        "role": one.role_name,
        "card": one.card_uid,
        "workstation": one.workstation,
        "started_at": _instant(one.started_at),
        "ended_at": _instant(one.ended_at),
        "reason": one.end_reason.value if one.end_reason else None,
        "counts": counts_object(one.after),
        "requests": {"read": one.reads, "write": one.writes},
    }


def _instant(when: datetime | None) -> str | None:
    return when.isoformat() if when is not None else None
