"""Which items of a run an execution asks for, as statements made once: fresh ones, those that are due, what is left.

Each takes the parameters `run` and `execution`, and its own as they are named here.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, true

from app.domain.outcomes import ItemState
from app.engine.rows import Scope
from app.storage.columns import AnySelect
from app.storage.tables import item
from app.storage.work_items import ITEMS

_OF_RUN = item.c.run_id == bindparam("run")
_OPEN = item.c.state.in_((ItemState.UNPROCESSED, ItemState.SENDING))
_FAILED = item.c.state == ItemState.FAILED
_TOUCHED = item.c.execution_id == bindparam("execution")
_UNTOUCHED = or_(item.c.execution_id.is_(None), item.c.execution_id != bindparam("execution"))
_LISTED = item.c.next_attempt_at.is_not(None)
_UNLISTED = item.c.next_attempt_at.is_(None)

_WAITING: Mapping[Scope, ColumnElement[bool]] = {
    scope: and_(_OF_RUN, _LISTED, item.c.id.not_in(bindparam("in_hand", expanding=True)), wanted)
    for scope, wanted in {Scope.UNPROCESSED: _OPEN, Scope.FAILED: or_(_FAILED, _TOUCHED)}.items()
}
FRESH: Mapping[Scope, AnySelect] = {
    scope: ITEMS.where(_OF_RUN, _UNLISTED, item.c.sequence > bindparam("after"), wanted)
    .order_by(item.c.sequence)
    .limit(bindparam("limit"))
    for scope, wanted in {
        Scope.UNPROCESSED: item.c.state == ItemState.UNPROCESSED,
        Scope.FAILED: and_(_FAILED, _UNTOUCHED),
    }.items()
}
DUE: Mapping[Scope, AnySelect] = {
    scope: ITEMS.where(waiting, item.c.next_attempt_at <= bindparam("now"))
    .order_by(item.c.next_attempt_at, item.c.sequence)
    .limit(bindparam("limit"))
    for scope, waiting in _WAITING.items()
}
NEXT_DUE: Mapping[Scope, AnySelect] = {
    scope: select(func.min(item.c.next_attempt_at)).where(waiting) for scope, waiting in _WAITING.items()
}
LEFT_OVER: Mapping[Scope, AnySelect] = {
    scope: ITEMS.where(_OF_RUN, _OPEN, _UNLISTED, wanted)
    .order_by(item.c.state, item.c.sequence)
    .limit(bindparam("limit"))
    for scope, wanted in {Scope.UNPROCESSED: true(), Scope.FAILED: _TOUCHED}.items()
}
NAMED = ITEMS.where(_OF_RUN, item.c.id.in_(bindparam("ids", expanding=True))).order_by(item.c.sequence)
