"""How groups and the drafts of new ones read. No widgets."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.groups import GroupDraft, MembersChange
from app.engine.ports import GroupView
from app.ui.formatting import count, patients

NO_GROUPS = "There are no patient groups yet. Make one from a list of NHS numbers, or from a search."

EXPLANATION = (
    "A run can be limited to one group: choose it as Group Name before you press OK. Only active patients are scanned."
)


def size_words(members: int, active: int) -> str:
    """A group's size, and how many of it would not be scanned: 50 patients, 2 not active."""
    return f"{patients(members)}, {not_active_words(members, active)}"


def not_active_words(members: int, active: int) -> str:
    """How many are not active."""
    left_out = members - active
    if not left_out:
        return "all active"
    return "not active" if members == 1 else f"{count(left_out)} not active"


def group_note(group: GroupView) -> str:
    """What is to be known of a group before it is run."""
    left_out = group.members - group.active
    if not group.members:
        return "Nobody is in this group any more."
    if not left_out:
        return "Everybody in this group is active and would be scanned."
    is_are = "is" if left_out == 1 else "are"
    return f"{patients(left_out)} of this group {is_are} not active and would not be scanned."


def members_words(change: MembersChange, *, adds: bool) -> str:
    """What was done to a group's members."""
    was = "was" if change.changed == 1 else "were"
    done = "added to" if adds else "taken out of"
    return f"{patients(change.changed)} {was} {done} the group {change.group.name}."


def draft_words(draft: GroupDraft) -> str:
    """Whom the new group would hold, in a sentence or two."""
    members = len(draft.patient_ids)
    told = [f"{size_words(members, draft.active)}." if members else "Nobody was found."]
    if draft.repeats:
        lines = "1 line names" if draft.repeats == 1 else f"{count(draft.repeats)} lines name"
        told.append(f"{lines} a patient a second time.")
    if draft.faults:
        lines = "1 line leads" if len(draft.faults) == 1 else f"{count(len(draft.faults))} lines lead"
        told.append(f"{lines} to nobody: see below.")
    return " ".join(told)


def fault_lines(draft: GroupDraft) -> str:
    """Every line that leads to nobody, one below the other, to be read and copied."""
    return "\n".join(map(str, draft.faults))


def still_there(groups: Sequence[GroupView], name: str | None) -> int:
    """Which row of the groups to choose: the one of this name where it is still there, else the first."""
    names = [group.name for group in groups]
    return names.index(name) if name in names else 0
