"""The changes that can be made to a patient group, and what is said of each once it is made. No widgets, no threads."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.groups import GroupDraft
from app.engine.lists import ListQuery
from app.ui.patients.groups_model import members_words
from app.ui.services import Groups


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made: which group to choose now, and what to say of it."""

    chosen: str | None
    words: str = ""


def made(groups: Groups, name: str, members: GroupDraft | ListQuery) -> Done:
    """A new group of these patients."""
    group = groups.make(name, members)
    return Done(group.name, f"The group {group.name} was made.")


def renamed(groups: Groups, name: str, typed: str) -> Done:
    """Another name for a group."""
    groups.rename(name, typed)
    return Done(" ".join(typed.split()))


def deleted(groups: Groups, name: str) -> Done:
    """A group less; its patients stay."""
    groups.delete(name)
    return Done(None)


def members_changed(groups: Groups, name: str, members: GroupDraft | ListQuery, *, adds: bool) -> Done:
    """These patients in a group, or out of it."""
    change = groups.add_members if adds else groups.remove_members
    return Done(name, members_words(change(name, members), adds=adds))
