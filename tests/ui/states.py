"""Every state the window can be in over an open practice, for pictures of it and walks through everything in it.

A state is staged in the module of its subject; those of the pages that look back are in `history.history_states`.
"""

from __future__ import annotations

from tests.ui.beginning_states import BEGINNING_STATES
from tests.ui.patients.patient_states import PATIENT_STATES
from tests.ui.preview.staging import PREVIEW_STATES
from tests.ui.reports.report_states import REPORT_STATES
from tests.ui.running_states import RUNNING_STATES
from tests.ui.staging import State
from tests.ui.times_states import TIMES_STATES
from tests.ui.worklists.worklist_states import WORKLIST_STATES

STATES: tuple[State, ...] = (
    *BEGINNING_STATES,
    *TIMES_STATES,
    *RUNNING_STATES,
    *PATIENT_STATES,
    *REPORT_STATES,
    *PREVIEW_STATES,
    *WORKLIST_STATES,
)
