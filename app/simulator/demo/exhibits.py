"""One patient for each thing that can happen to a patient: every row of the decision table.

They are few beside a real practice's list, and they are the same in every demonstration practice; only who they are
and where in the list they stand differs. Each group names the row it is there for.
"""

from __future__ import annotations

from datetime import date, time

from app.simulator.demo.cases import (
    CORE_CONSENT,
    DISSENT,
    FULL_CONSENT,
    IMPLIED_CONSENT,
    LEGACY_CONSENT,
    LEGACY_DISSENT,
    OTHER_SHARING,
    Case,
    Number,
    entry,
)
from app.simulator.demo.rows import DemoEntry, DemoSpine

_ASK = DemoSpine(has_scr=True, permission="Ask")
_NEVER_SET = DemoSpine(has_scr=True, permission="")
_OLD_YES = DemoSpine(has_scr=True, permission="Yes")
_NO = DemoSpine(has_scr=True, permission="No")
_NO_SUMMARY = DemoSpine(has_scr=False, permission="")
_NO_SUMMARY_ASK = DemoSpine(has_scr=False, permission="Ask")
_NO_SUMMARY_NO = DemoSpine(has_scr=False, permission="No")

_FIRST = date(2011, 3, 14)
_SECOND = date(2018, 6, 4)
_MISTYPED = date(2062, 9, 17)
_MORNING = time(9, 20)
_AFTERNOON = time(15, 45)


def _once(code: str) -> tuple[DemoEntry, ...]:
    return (entry(code, _FIRST if code in {LEGACY_CONSENT, LEGACY_DISSENT} else _SECOND, _MORNING),)


# Rows 1 to 11 by what stands in the record and what the Spine holds.
_ROW_1 = (Case(_once(LEGACY_DISSENT), _ASK), Case(_once(LEGACY_DISSENT), _NO_SUMMARY))
_ROW_2 = (Case(_once(LEGACY_DISSENT), _NO), Case(_once(LEGACY_DISSENT), _NO_SUMMARY_NO))
_ROW_3 = (
    Case(_once(DISSENT), _ASK),
    Case(_once(DISSENT), _OLD_YES),
    Case(_once(DISSENT), _NO_SUMMARY),
)
_ROW_4 = (Case(_once(DISSENT), _NO), Case(_once(DISSENT), _NO_SUMMARY_NO))
_ROW_5 = (Case(_once(LEGACY_CONSENT), _NEVER_SET), Case(_once(LEGACY_CONSENT), _NO_SUMMARY))
_ROW_6 = (Case(_once(LEGACY_CONSENT), _NO), Case(_once(LEGACY_CONSENT), _NO_SUMMARY_NO))
_ROW_7 = (Case((), _ASK), Case((), _NEVER_SET), Case((), _OLD_YES), Case(_once(OTHER_SHARING[0]), _ASK))
_ROW_8 = (Case((), _NO), Case((), _NO_SUMMARY_NO))
_ROW_9 = (Case((), _NO_SUMMARY), Case((), _NO_SUMMARY_ASK))
_ROW_10 = tuple(
    Case(_once(code), spine) for code in (IMPLIED_CONSENT, CORE_CONSENT, FULL_CONSENT) for spine in (_ASK, _NO_SUMMARY)
)
_ROW_11 = (
    Case(_once(IMPLIED_CONSENT), _NO),
    Case(_once(CORE_CONSENT), _NO_SUMMARY_NO),
    Case(_once(FULL_CONSENT), _NO),
)
_ROWS_1_TO_11 = (_ROW_1, _ROW_2, _ROW_3, _ROW_4, _ROW_5, _ROW_6, _ROW_7, _ROW_8, _ROW_9, _ROW_10, _ROW_11)

# Row 12: FP69 or sensitive changes row 7 and nothing else, so each other row is there with each flag as well.
_ROW_12 = (
    *(row[0]._replace(fp69=True) for row in _ROWS_1_TO_11),
    *(row[0]._replace(sensitive=True) for row in _ROWS_1_TO_11),
    Case((), _NEVER_SET, fp69=True, sensitive=True),
)

# Rows 13 to 16, of whom the Spine is not asked.
_ROW_13 = (
    Case(_once(LEGACY_DISSENT), _ASK, status="applied"),
    Case(_once(DISSENT), _NO_SUMMARY, status="applied"),
    Case(_once(LEGACY_CONSENT), _ASK, status="applied"),
    Case((), _ASK, status="applied"),
)
_ROW_14 = (
    Case(_once(LEGACY_DISSENT), _ASK, pds_linked=False),
    Case(_once(LEGACY_CONSENT), _ASK, pds_linked=False),
    Case((), _ASK, pds_linked=False),
)
_ROW_15 = (Case(_once(LEGACY_DISSENT), _ASK, record_in_use=True), Case((), _ASK, record_in_use=True))
_ROW_16 = (
    Case(_once(LEGACY_DISSENT), number=Number.MISSING),
    Case((), number=Number.MISSING),
    Case(_once(DISSENT), number=Number.WRONG),
    Case(_once(LEGACY_CONSENT), number=Number.WRONG),
)

# Row 17: the Spine refuses the dissent of somebody it does not know. A single one, because each pass tries it again.
_ROW_17 = (Case(_once(LEGACY_DISSENT), spine=None),)

# Entries with a year that was mistyped: ignored, but a dissent among them holds implied consent back.
_FUTURE = (
    Case((entry(DISSENT, _MISTYPED, _MORNING),), _ASK),
    Case((entry(LEGACY_DISSENT, _MISTYPED),), _NEVER_SET),
    Case((entry(DISSENT, _MISTYPED),), _NO_SUMMARY),
    Case((*_once(CORE_CONSENT), entry(DISSENT, _MISTYPED)), _ASK),
    Case((entry(CORE_CONSENT, _MISTYPED),), _ASK),
)

# Several entries, of which one counts: the latest day, there an express code, there the latest time or the dissent.
_SEVERAL = (
    Case((entry(LEGACY_CONSENT, _FIRST), entry(DISSENT, _SECOND)), _ASK),
    Case((entry(LEGACY_DISSENT, _FIRST), entry(CORE_CONSENT, _SECOND)), _ASK),
    Case((entry(DISSENT, _SECOND, _MORNING), entry(IMPLIED_CONSENT, _SECOND, _AFTERNOON)), _ASK),
    Case((entry(DISSENT, _SECOND, _MORNING), entry(FULL_CONSENT, _SECOND, _AFTERNOON)), _ASK),
    Case((entry(FULL_CONSENT, _SECOND, _MORNING), entry(DISSENT, _SECOND, _MORNING)), _NO_SUMMARY),
    Case((entry(DISSENT, _SECOND), entry(CORE_CONSENT, _SECOND, _AFTERNOON)), _ASK),
    Case((entry(CORE_CONSENT, _SECOND), entry(FULL_CONSENT, _SECOND)), _ASK),
    Case((entry(LEGACY_DISSENT, _FIRST), *_once(OTHER_SHARING[2])), _ASK),
)

# Not scanned at all, whatever they said.
_INACTIVE = tuple(
    Case(_once(LEGACY_DISSENT), _ASK, status=status) for status in ("temporary", "transferred_out", "deceased")
)

EXHIBITS: tuple[Case, ...] = (
    *(case for row in _ROWS_1_TO_11 for case in row),
    *_ROW_12,
    *_ROW_13,
    *_ROW_14,
    *_ROW_15,
    *_ROW_16,
    *_ROW_17,
    *_FUTURE,
    *_SEVERAL,
    *_INACTIVE,
)
