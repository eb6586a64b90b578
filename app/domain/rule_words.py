"""The rows of the decision table in words: which rule made a decision, as staff read it.

The numbers are the page's. Which row applies is `decision`'s affair; nothing is decided here.
"""

from __future__ import annotations

NOT_IN_TABLE = 0
"""A patient who left the active list after the run began."""
UNANSWERED = 17
"""The Spine answered with an error that settles nothing, or not at all."""

RULE_WORDS: dict[int, str] = {
    NOT_IN_TABLE: "Not on the practice's active list any more: nothing is looked at and nothing is changed.",
    1: "An old dissent (93C3.) counts here and the Spine tells of no dissent: it becomes 9Ndo. and No is sent.",
    2: "An old dissent (93C3.) counts here and the Spine holds No already: it becomes 9Ndo. and nothing is sent.",
    3: "A dissent (9Ndo.) counts here and the Spine tells of no dissent: No is sent.",
    4: "A dissent (9Ndo.) counts here and the Spine holds No already: nothing to send.",
    5: "An old consent (93C2.) counts here and the Spine tells of no dissent: it becomes 9Ndn.",
    6: "An old consent (93C2.) counts here but the Spine holds a dissent: it becomes 9Ndn. and staff ask the patient.",
    7: "No consent is recorded here, the Spine has a summary and tells of no dissent: 9Ndl. is added, unless a dissent "
    "is dated in the future.",
    8: "No consent is recorded here but the Spine holds a dissent: nothing is changed and staff ask the patient.",
    9: "No consent is recorded here and the Spine has no summary: No Preference Expressed stands.",
    10: "Consent counts here and the Spine tells of no dissent: nothing to do.",
    11: "Consent counts here but the Spine holds a dissent: nothing is changed and staff ask the patient.",
    12: "The patient is flagged FP69 or the record is marked sensitive: 9Ndl. is never added.",
    13: "The registration is Applied: old terms are converted and the Spine is not asked until it is Permanent.",
    14: "The record is not linked with PDS: old terms are converted and the Spine is not asked.",
    15: "The record was in use elsewhere: nothing is changed and the Spine is not asked.",
    16: "The NHS number is missing or not valid: old terms are converted and the Spine is not asked.",
    UNANSWERED: "The Spine gave no answer that settles it: what was committed before stays, and nothing is assumed.",
}


def rule_words(row: int) -> str:
    """A row with its number: "Rule 4: a dissent …". Row 0 has no number, being outside the table."""
    return RULE_WORDS[row] if row == NOT_IN_TABLE else f"Rule {row}: {RULE_WORDS[row]}"
