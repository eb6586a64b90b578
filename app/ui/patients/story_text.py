"""A patient's story in lines, for the record and for paper: everything the page says, ids and codes with it. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from app.ui.patients.story_model import EventModel, Fact, RunModel, StoryModel, TermModel


class Rank(IntEnum):
    """What a line is: its value is how many letters it is set in as plain text."""

    HEADING = 0
    LINE = 2
    DETAIL = 6


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of a story; a heading begins a part."""

    text: str
    rank: Rank = Rank.LINE


def story_text(model: StoryModel, taken: str) -> str:
    """The story from its beginning to its end; `taken` says when it was taken, and by whom."""
    lines = [model.name, *(_plain(line) for line in person_lines(model)), taken]
    for line in story_lines(model):
        lines += ["", line.text] if line.rank is Rank.HEADING else [_plain(line)]
    return "\n".join(lines) + "\n"


def person_lines(model: StoryModel) -> Iterator[StoryLine]:
    """Who it is, but for the name."""
    return _facts(model.facts)


def story_lines(model: StoryModel) -> Iterator[StoryLine]:
    """The record before and now, the practice's notes, and every run with what happened in it and between."""
    for heading, terms in (("Recorded here before", model.before), ("Recorded here now", model.now)):
        yield StoryLine(heading, Rank.HEADING)
        yield from (StoryLine(_term(term)) for term in terms)
    if model.note:
        yield StoryLine(model.note)
    if model.notes:
        yield StoryLine("Notes of the practice", Rank.HEADING)
        yield from map(StoryLine, model.notes)
    for run in model.runs:
        yield from _between(run.since_before)
        yield from _run(run)
    yield from _between(model.since)
    if model.runs_note:
        yield StoryLine(model.runs_note, Rank.HEADING)


def _plain(line: StoryLine) -> str:
    return " " * line.rank + line.text


def _run(run: RunModel) -> Iterator[StoryLine]:
    yield StoryLine(run.heading, Rank.HEADING)
    yield from map(StoryLine, filter(None, (run.decision, run.rule, run.details, *run.record)))
    yield from _facts(run.facts)
    yield from _events(run.events)


def _between(events: Sequence[EventModel]) -> Iterator[StoryLine]:
    if events:
        yield StoryLine("Outside runs", Rank.HEADING)
        yield from _events(events)


def _events(events: Sequence[EventModel]) -> Iterator[StoryLine]:
    for event in events:
        yield StoryLine(f"{event.time}  {event.what}")
        yield StoryLine(f"{event.details}. By {event.by}.", Rank.DETAIL)


def _facts(facts: Sequence[Fact]) -> Iterator[StoryLine]:
    return (StoryLine(f"{word}: {value}") for word, value in facts)


def _term(term: TermModel) -> str:
    return ". ".join(filter(None, (term.term, term.wording, term.recorded, term.note))) + "."
