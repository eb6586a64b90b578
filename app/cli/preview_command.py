"""What a run would do, without a window: in numbers, and with a card in names."""

from __future__ import annotations

import argparse
from typing import Any

from app.bootstrap import Product, previews_of_records
from app.cli.card import signed_in
from app.cli.output import OK, PAUSED, code_of, counts_object, plain_output, run_report, say, show, show_json
from app.cli.run_commands import press_and_watch, tell
from app.cli.terminal import watch
from app.clock import Clock, SystemClock
from app.config import load_settings
from app.domain.actions import Action
from app.domain.errors import BadInput
from app.domain.phrases import count
from app.domain.states import RunStatus
from app.engine.ports import RunView, SignedIn, actor_words
from app.engine.press import Press
from app.engine.preview import Depth, Preview, Previewer, Wish
from app.engine.preview_compare import DIFFERENCE_WORDS, compare, compared
from app.engine.preview_lists import PREVIEW_LISTS
from app.engine.preview_words import comparison_words, number_lines, sentences
from app.engine.rights import Right
from app.engine.run_outcomes import PatientOutcome
from app.exchange.preview_report import write_foreseen


def preview(options: argparse.Namespace) -> int:
    """Take a preview and show what it has found; press what was previewed where that is wanted too."""
    wish = _wish(options)
    if wish.depth is Depth.RECORDS and not options.list:
        clock = SystemClock()
        with previews_of_records(load_settings(options.data_dir), clock) as previews:
            return _show(options, _take(previews, wish, None, clock))
    with signed_in(options) as product:
        return _with_card(options, wish, product)


def _wish(options: argparse.Namespace) -> Wish:
    action = Action(options.action)
    if options.group is not None and not action.makes_new_run:
        raise BadInput("A group is for run and rerun only: resume and failed go on with the patients there are.")
    if options.then_press and (options.local or options.list):
        raise BadInput("Only a whole preview with the Spine can be followed by a press: leave out --local and --list.")
    depth = Depth.RECORDS if options.local else Depth.SPINE
    return Wish(Press(options.family, action, options.group), depth)


def _with_card(options: argparse.Namespace, wish: Wish, product: Product) -> int:
    # Before the whole list is gone through for nothing.
    session = product.rights.require(Right.SEE_NAMES) if options.list else None
    taken = _take(product.previews, wish, product.reader, product.clock)
    if session is not None:
        _say_all(taken)
        actor = actor_words(session.user_name, session.role.name, session.card_uid)
        out = plain_output()
        write_foreseen(product.previews.lines(PREVIEW_LISTS[options.list], actor), out, options.format)
        out.flush()
        return _code(taken)
    if not options.then_press or taken.view.status is not RunStatus.COMPLETED:
        return _show(options, taken)
    return _press(options, wish.press, taken, product)


def _take(previews: Previewer, wish: Wish, reader: SignedIn | None, clock: Clock) -> Preview:
    return watch(lambda token, board: previews.take(wish, token, board), reader, clock)


def _show(options: argparse.Namespace, taken: Preview) -> int:
    if options.json:
        _say_all(taken)
        show_json(_report(taken))
    else:
        for line in _lines(taken):
            show(line)
    return _code(taken)


def _press(options: argparse.Namespace, press: Press, taken: Preview, product: Product) -> int:
    """Do what was previewed, and tell whoever came otherwise by the practice's own reference."""
    for line in _lines(taken):
        say(line)
    view = press_and_watch(product, press)
    tell(view)
    differing = _differing(taken, view, product)
    if options.json:
        show_json({**run_report(view), "preview": _report(taken), "differing": differing})
    else:
        for one in differing:
            show(f"{one['patient_ref']}: {one['foreseen']}, became {one['became']}. {one['why']}")
    return code_of(view)


def _differing(taken: Preview, view: RunView, product: Product) -> list[dict[str, str]]:
    held = product.previews.copy().outcomes
    for line in comparison_words(compare(taken, held, view, product.outcomes)):
        say(line)
    return [
        {
            "patient_ref": one.patient_ref,
            "difference": one.difference.value,
            "foreseen": _outcome(one.foreseen),
            "became": _outcome(one.became),
            "why": DIFFERENCE_WORDS[one.difference],
        }
        for one in compared(taken, held, view, product.outcomes)
        if one is not None
    ]


def _outcome(outcome: PatientOutcome | None) -> str:
    if outcome is None:
        return "absent"
    return outcome.state.value if outcome.reason is None else f"{outcome.state.value} ({outcome.reason.value})"


def _say_all(taken: Preview) -> None:
    for line in _lines(taken):
        say(line)


def _lines(taken: Preview) -> list[str]:
    first, *rest = sentences(taken)
    numbers = [f"  {count(number):>9}  {words}" for _, words, number in number_lines(taken)]
    return [first, *numbers, *rest]


def _code(taken: Preview) -> int:
    return OK if taken.view.status is RunStatus.COMPLETED else PAUSED


def _report(taken: Preview) -> dict[str, Any]:
    view, press, foreseen = taken.view, taken.wish.press, taken.foreseen
    asked = view.reads if taken.wish.depth is Depth.SPINE else 0
    return {
        "preview": taken.wish.depth.value,
        "action": press.action.value,
        "group": press.group,
        "status": "completed" if view.status is RunStatus.COMPLETED else "paused",
        "reason": view.stop_reason.value if view.stop_reason else None,
        "counts": counts_object(view.counts),
        "lists": dict(foreseen.sizes),
        "dissent_not_sent": {cause.value: number for cause, number in foreseen.causes.items()},
        "reasons": {one.reason.value: one.patients for one in foreseen.reasons if one.reason is not None},
        "seconds": None if foreseen.seconds is None else round(foreseen.seconds),
        "requests": {"read": asked, "write": 0},
    }
