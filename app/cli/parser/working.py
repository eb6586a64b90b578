"""The commands that work: the demonstration, the simulated Spine, the four actions, previews, set times, read-backs."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.parser.flags import (
    RESULT,
    Verbs,
    add_card,
    add_family,
    add_format,
    add_json,
    add_times,
    not_negative,
    patient_count,
)
from app.cli.parser.later import Later
from app.domain.actions import Action
from app.engine.preview_lists import PREVIEW_LISTS
from app.simulator import DissentShape

confirm_command = Later("confirm_command")
demo_command = Later("demo_command")
preview_command = Later("preview_command")
run_commands = Later("run_commands")
schedule_commands = Later("schedule_commands")
simulator_command = Later("simulator_command")

_ACTION_HELP = {
    Action.RUN: "scan every active patient and send each dissent held here to the Spine",
    Action.RESUME: "go on with a paused run",
    Action.RERUN: "start again from the first patient; an unfinished run is abandoned",
    Action.FAILED: "try the failed patients of the last run again",
}


def add_demo(verbs: Verbs) -> None:
    """The window, or a run in the terminal, on a demonstration practice."""
    demo = verbs.add("demo", "the window on a demonstration practice")
    demo.add_argument("--patients", type=patient_count, help="how many patients (default 1000)")
    demo.add_argument("--terminal", action="store_true", help="run it here in the terminal, without the window")
    demo.set_defaults(carry_out=demo_command.demonstrate_in_terminal)


def add_simulator(verbs: Verbs) -> None:
    """The simulated Spine on its own."""
    spine = verbs.add("simulator", "the simulated Spine, in the foreground")
    spine.add_argument("--port", type=int, default=8750, help="8750 unless given, 0 for a free one")
    spine.add_argument("--state", type=Path, help="the file it remembers everything in")
    spine.add_argument("--load", type=Path, help="what it knows (default: spine.csv of the data folder)")
    spine.add_argument("--rate", type=not_negative, default=5.0, help="requests a second, 0 for no limit")
    spine.add_argument("--latency-ms", type=int, default=0, help="how long each request takes, in milliseconds")
    spine.add_argument(
        "--dissent-shape",
        choices=[shape.value for shape in DissentShape],
        default=DissentShape.FORBIDDEN.value,
        help="how a dissent shows when it is read",
    )
    spine.add_argument("--sandbox", action="store_true", help="ask for no token, as the NHS sandbox does")
    spine.add_argument("--end-with-input", action="store_true", help=argparse.SUPPRESS)
    spine.set_defaults(carry_out=simulator_command.serve_spine)


def add_actions(verbs: Verbs) -> None:
    """The four actions, each a command."""
    for action in Action:
        _add_action(verbs, action)


def _add_action(verbs: Verbs, action: Action) -> None:
    press = verbs.add(action.value, _ACTION_HELP[action])
    add_family(press)
    add_card(press)
    if action.makes_new_run:
        press.add_argument("--group", metavar="NAME", help="only the patients of this group")
    press.add_argument("--start", metavar="'DD/MM/YYYY HH:MM'", help="wait in this terminal until then, and begin")
    add_times(press)
    add_json(press, RESULT)
    press.set_defaults(carry_out=run_commands.press, action=action, group=None)


def add_preview(verbs: Verbs) -> None:
    """What a run would do."""
    look = verbs.add("preview", "what a run would do; nothing is sent or written")
    add_family(look)
    look.add_argument(
        "--action", choices=[one.value for one in Action], default=Action.RUN.value, help="run unless given"
    )
    look.add_argument("--group", metavar="NAME", help="only the patients of this group, with run and rerun")
    look.add_argument("--local", action="store_true", help="from the practice's records alone: no card, no network")
    add_card(look)
    look.add_argument("--list", choices=list(PREVIEW_LISTS), metavar="NAME", help=f"whom: {', '.join(PREVIEW_LISTS)}")
    add_format(look, "of the list, csv unless given")
    look.add_argument("--then-press", action="store_true", help="press it afterwards, and tell what came otherwise")
    add_json(look, RESULT)
    look.set_defaults(carry_out=preview_command.preview)


def add_schedule(verbs: Verbs) -> None:
    """Runs at set times."""
    schedule = verbs.add("schedule", "begin, pause and go on at set times")
    kinds = Verbs(schedule, "schedule_verb", "WHAT")
    new = kinds.add("add", "schedule a run")
    add_family(new)
    new.add_argument("--start", metavar="'DD/MM/YYYY HH:MM'", required=True, help="when it begins, or now")
    add_times(new)
    new.add_argument("--group", metavar="NAME", help="only the patients of this group")
    new.set_defaults(carry_out=schedule_commands.add)
    listed = kinds.add("list", "what is scheduled, and what became of the latest times")
    add_json(listed)
    listed.set_defaults(carry_out=schedule_commands.show_list)
    gone = kinds.add("cancel", "cancel what is scheduled")
    gone.set_defaults(carry_out=schedule_commands.cancel)
    stay = kinds.add("watch", "stay in this terminal and carry out what is scheduled")
    add_card(stay)
    add_json(stay, RESULT)
    stay.set_defaults(carry_out=schedule_commands.stay)


def add_confirmation(verbs: Verbs) -> None:
    """Dissents read back."""
    words = "read every dissent that was sent or found back from the Spine; nothing is sent"
    confirm = verbs.add("confirm-dissents", words)
    add_card(confirm)
    add_json(confirm, RESULT)
    confirm.set_defaults(carry_out=confirm_command.confirm)
