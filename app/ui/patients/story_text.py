"""A patient's story as plain text, for the record: everything the page says, ids and codes with it. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.ui.patients.story_model import EventModel, Fact, RunModel, StoryModel, TermModel


def story_text(model: StoryModel, taken: str) -> str:
    """The story from its beginning to its end; `taken` says when it was taken, and by whom."""
    return "\n".join(_lines(model, taken)) + "\n"


def _lines(model: StoryModel, taken: str) -> Iterator[str]:
    yield model.name
    yield from _facts(model.facts)
    yield taken
    for heading, terms in (("Recorded here before", model.before), ("Recorded here now", model.now)):
        yield ""
        yield heading
        yield from map(_term, terms)
    if model.note:
        yield model.note
    if model.notes:
        yield ""
        yield "Notes of the practice"
        yield from (f"  {one}" for one in model.notes)
    for run in model.runs:
        yield from _between(run.since_before)
        yield ""
        yield from _run(run)
    yield from _between(model.since)
    if model.runs_note:
        yield ""
        yield model.runs_note


def _run(run: RunModel) -> Iterator[str]:
    yield run.heading
    yield f"  {run.decision}"
    for words in filter(None, (run.rule, run.details)):
        yield f"  {words}"
    yield f"  Record before: {run.record_before}"
    yield f"  Record after: {run.record_after}"
    yield from _facts(run.facts)
    yield from _events(run.events)


def _between(events: Sequence[EventModel]) -> Iterator[str]:
    if events:
        yield ""
        yield "Outside runs"
        yield from _events(events)


def _events(events: Sequence[EventModel]) -> Iterator[str]:
    for event in events:
        yield f"  {event.time}  {event.what}"
        yield f"      {event.details}. By {event.by}."


def _facts(facts: Sequence[Fact]) -> Iterator[str]:
    return (f"  {word}: {value}" for word, value in facts)


def _term(term: TermModel) -> str:
    return "  " + ". ".join(filter(None, (term.term, term.wording, term.recorded, term.note))) + "."
