"""The command line: verbs, flags and their help. What a verb does is in the module of its kind."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.config import default_data_dir
from app.domain.actions import CONSENT_MIGRATION, FAMILIES, Action
from app.engine.preview_lists import PREVIEW_LISTS
from app.engine.run_lists import LISTS
from app.engine.worklists import NAMED
from app.simulator import DissentShape


class _Later:
    """The functions of a module of verbs, which is loaded when one of them is carried out.

    The window, and the usage line, must not wait for everything that the commands need.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[[argparse.Namespace], int]:
        def carry_out(options: argparse.Namespace) -> int:
            code: int = getattr(import_module(f"app.cli.{self._module}"), name)(options)
            return code

        return carry_out


(
    certificate_command,
    confirm_command,
    demo_command,
    history_commands,
    maintenance_commands,
    practice_commands,
    preview_command,
    report_command,
    run_commands,
    schedule_commands,
    simulator_command,
    worklist_commands,
) = map(
    _Later,
    (
        "certificate_command",
        "confirm_command",
        "demo_command",
        "history_commands",
        "maintenance_commands",
        "practice_commands",
        "preview_command",
        "report_command",
        "run_commands",
        "schedule_commands",
        "simulator_command",
        "worklist_commands",
    ),
)

_ACTION_HELP = {
    Action.RUN: "scan every active patient and send each dissent held here to the Spine",
    Action.RESUME: "go on with a paused run",
    Action.RERUN: "start again from the first patient; an unfinished run is abandoned",
    Action.FAILED: "try the failed patients of the last run again",
}


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line. `carry_out` of the parsed namespace is the function of the verb."""
    parser = argparse.ArgumentParser(
        prog="scr-bulk",
        description="GP Summary Bulk Transmission: without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=_version())
    parser.add_argument(
        "--self-check", action="store_true", help="try out whether this installation can do all its work, then end"
    )
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="the folder of the practice")
    parser.set_defaults(verb=None)
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND")
    # The folder may be named before or after the verb: what stands after it wins.
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--data-dir", type=Path, default=argparse.SUPPRESS, help="the folder of the practice")
    _add_demo(verbs, folder)
    _add_practice(verbs, folder)
    _add_simulator(verbs, folder)
    for action in Action:
        _add_action(verbs, folder, action)
    _add_preview(verbs, folder)
    _add_schedule(verbs, folder)
    _add_looking(verbs, folder)
    _add_worklists(verbs, folder)
    _add_confirmation(verbs, folder)
    _add_maintenance(verbs, folder)
    return parser


def _version() -> str:
    try:
        return f"scr-bulk {version('scr-bulk')}"
    except PackageNotFoundError:
        return "scr-bulk (not installed)"


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 500_000:
        raise argparse.ArgumentTypeError("the number of patients goes from 1 to 500000")
    return number


def _some(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("the number must be 1 or more")
    return number


def _not_negative(text: str) -> float:
    number = float(text)
    if number < 0:
        raise argparse.ArgumentTypeError("the number must not be negative")
    return number


# argparse has no public name for what add_subparsers returns.
Verbs = argparse._SubParsersAction


def _add_demo(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    demo = verbs.add_parser("demo", parents=[folder], help="the window on a demonstration practice")
    demo.add_argument("--patients", type=_count, help="how many patients (default 1000)")
    demo.add_argument("--terminal", action="store_true", help="run it here in the terminal, without the window")
    demo.set_defaults(carry_out=demo_command.demonstrate_in_terminal)


def _add_practice(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    practice = verbs.add_parser("practice", parents=[folder], help="bring a practice's list in, or take it out")
    kinds = practice.add_subparsers(dest="practice_verb", metavar="WHAT", required=True)
    create = kinds.add_parser("create-demo", parents=[folder], help="make a synthetic practice")
    create.add_argument("--patients", type=_count, required=True, help="how many patients, 1 to 500000")
    create.add_argument("--seed", type=int, required=True, help="the same seed makes the same practice")
    create.set_defaults(carry_out=practice_commands.create_demo)
    bring = kinds.add_parser("import", parents=[folder], help="a practice's own list from CSV files")
    bring.add_argument("--patients", type=Path, required=True, help="the patients file")
    bring.add_argument("--consent", type=Path, required=True, help="the consent entries file")
    bring.add_argument("--groups", type=Path, help="the patient groups file")
    bring.add_argument("--update", action="store_true", help="merge into the list that is there already")
    bring.set_defaults(carry_out=practice_commands.bring_in)
    take = kinds.add_parser("export", parents=[folder], help="the practice as it stands, and a run's outcomes")
    take.add_argument("--out", type=Path, required=True, help="the folder to write into")
    take.add_argument("--run", type=int, help="the run whose outcomes are written (default: the latest)")
    take.set_defaults(carry_out=practice_commands.take_out)


def _add_simulator(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    spine = verbs.add_parser("simulator", parents=[folder], help="the simulated Spine, in the foreground")
    spine.add_argument("--port", type=int, default=8750, help="8750 unless given, 0 for a free one")
    spine.add_argument("--state", type=Path, help="the file it remembers everything in")
    spine.add_argument("--load", type=Path, help="what it knows (default: spine.csv of the data folder)")
    spine.add_argument("--rate", type=_not_negative, default=5.0, help="requests a second, 0 for no limit")
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


def _add_card(command: argparse.ArgumentParser) -> None:
    command.add_argument("--spine", metavar="URL", help="the address of the Spine")
    command.add_argument("--auth", metavar="URL", help="the address of the sign-in service")
    command.add_argument("--card", metavar="UID", help="the Smartcard to sign in with")
    command.add_argument("--role", metavar="ID", help="the role to sign in under, where the card has several")
    command.add_argument("--passcode-file", type=Path, help="the file that holds the passcode")


def _add_action(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser, action: Action) -> None:
    press = verbs.add_parser(action.value, parents=[folder], help=_ACTION_HELP[action])
    press.add_argument("--family", choices=sorted(FAMILIES), default=CONSENT_MIGRATION.key, help="which process")
    _add_card(press)
    if action.makes_new_run:
        press.add_argument("--group", metavar="NAME", help="only the patients of this group")
    press.add_argument("--start", metavar="'DD/MM/YYYY HH:MM'", help="wait in this terminal until then, and begin")
    _add_times(press)
    press.add_argument("--json", action="store_true", help="end with the result as one JSON object")
    press.set_defaults(carry_out=run_commands.press, action=action, group=None)


def _add_preview(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    look = verbs.add_parser("preview", parents=[folder], help="what a run would do; nothing is sent or written")
    look.add_argument("--family", choices=sorted(FAMILIES), default=CONSENT_MIGRATION.key, help="which process")
    look.add_argument(
        "--action", choices=[one.value for one in Action], default=Action.RUN.value, help="run unless given"
    )
    look.add_argument("--group", metavar="NAME", help="only the patients of this group, with run and rerun")
    look.add_argument("--local", action="store_true", help="from the practice's records alone: no card, no network")
    _add_card(look)
    look.add_argument("--list", choices=list(PREVIEW_LISTS), metavar="NAME", help=f"whom: {', '.join(PREVIEW_LISTS)}")
    look.add_argument("--format", choices=["csv", "json"], default="csv", help="of the list, csv unless given")
    look.add_argument("--then-press", action="store_true", help="press it afterwards, and tell what came otherwise")
    look.add_argument("--json", action="store_true", help="end with the result as one JSON object")
    look.set_defaults(carry_out=preview_command.preview)


def _add_times(command: argparse.ArgumentParser) -> None:
    command.add_argument("--stop", metavar="HH:MM", help="pause at this time of day")
    command.add_argument("--resume-at", metavar="HH:MM", help="go on at this time of day, every day until it is done")


def _add_schedule(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    schedule = verbs.add_parser("schedule", parents=[folder], help="begin, pause and go on at set times")
    kinds = schedule.add_subparsers(dest="schedule_verb", metavar="WHAT", required=True)
    new = kinds.add_parser("add", parents=[folder], help="schedule a run")
    new.add_argument("--family", choices=sorted(FAMILIES), default=CONSENT_MIGRATION.key, help="which process")
    new.add_argument("--start", metavar="'DD/MM/YYYY HH:MM'", required=True, help="when it begins, or now")
    _add_times(new)
    new.add_argument("--group", metavar="NAME", help="only the patients of this group")
    new.set_defaults(carry_out=schedule_commands.add)
    listed = kinds.add_parser("list", parents=[folder], help="what is scheduled, and what became of the latest times")
    listed.add_argument("--json", action="store_true", help="as one JSON object")
    listed.set_defaults(carry_out=schedule_commands.show_list)
    gone = kinds.add_parser("cancel", parents=[folder], help="cancel what is scheduled")
    gone.set_defaults(carry_out=schedule_commands.cancel)
    stay = kinds.add_parser("watch", parents=[folder], help="stay in this terminal and carry out what is scheduled")
    _add_card(stay)
    stay.add_argument("--json", action="store_true", help="end with the result as one JSON object")
    stay.set_defaults(carry_out=schedule_commands.stay)


def _add_looking(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    status = verbs.add_parser("status", parents=[folder], help="how the latest run stands")
    status.add_argument("--json", action="store_true", help="as one JSON object")
    status.set_defaults(carry_out=run_commands.status)
    past = verbs.add_parser("history", parents=[folder], help="what was run: runs and their executions, newest first")
    past.add_argument("--limit", type=_some, default=20, metavar="N", help="the latest N runs (default 20)")
    past.add_argument("--json", action="store_true", help="as one JSON object")
    past.set_defaults(carry_out=history_commands.show_history)
    report = verbs.add_parser("report", parents=[folder], help="a list of the latest run")
    report.add_argument("name", choices=list(LISTS), metavar="NAME", help=f"which list: {', '.join(LISTS)}")
    report.add_argument("--format", choices=["csv", "json"], default="csv", help="csv unless given")
    report.add_argument("--run", type=int, help="another run than the latest")
    _add_card(report)
    report.set_defaults(carry_out=report_command.report)


def _add_worklists(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    worklist = verbs.add_parser("worklist", parents=[folder], help="what is left to look after, over all runs")
    kinds = worklist.add_subparsers(dest="worklist_verb", metavar="WHAT", required=True)
    listed = kinds.add_parser("list", parents=[folder], help="every worklist, and how many patients are left on it")
    listed.add_argument("--json", action="store_true", help="as one JSON object")
    listed.set_defaults(carry_out=worklist_commands.show_all)
    one = kinds.add_parser("show", parents=[folder], help="the patients left on a worklist")
    one.add_argument("name", choices=list(NAMED), metavar="NAME", help=f"which worklist: {', '.join(NAMED)}")
    one.add_argument("--format", choices=["csv", "json"], default="csv", help="csv unless given")
    _add_card(one)
    one.set_defaults(carry_out=worklist_commands.show_one)


def _add_confirmation(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    words = "read every dissent that was sent or found back from the Spine; nothing is sent"
    confirm = verbs.add_parser("confirm-dissents", parents=[folder], help=words)
    _add_card(confirm)
    confirm.add_argument("--json", action="store_true", help="end with the result as one JSON object")
    confirm.set_defaults(carry_out=confirm_command.confirm)
    certify = verbs.add_parser("certificate", parents=[folder], help="where every active patient stands after all runs")
    certify.add_argument("--json", action="store_true", help="as one JSON object")
    certify.set_defaults(carry_out=certificate_command.certify)


def _add_maintenance(verbs: Verbs[argparse.ArgumentParser], folder: argparse.ArgumentParser) -> None:
    copy = verbs.add_parser("backup", parents=[folder], help="make a checked copy of the practice database")
    copy.add_argument("--out", type=Path, help="the folder to write into (default: backups in the data folder)")
    copy.set_defaults(carry_out=maintenance_commands.back_up)
    back = verbs.add_parser("restore", parents=[folder], help="go back to a backup; what is there now is kept")
    back.add_argument("file", type=Path, help="the backup")
    back.set_defaults(carry_out=maintenance_commands.restore)
    database = verbs.add_parser("database", parents=[folder], help="where the practice is kept")
    places = database.add_subparsers(dest="database_verb", metavar="WHAT", required=True)
    move = places.add_parser("copy", parents=[folder], help="move the practice to a database that workstations share")
    move.add_argument("--to", required=True, metavar="URL", help="its address: postgresql://user@server/database")
    move.set_defaults(carry_out=maintenance_commands.move_to_server)
    audit = verbs.add_parser("audit", parents=[folder], help="the audit trail")
    kinds = audit.add_subparsers(dest="audit_verb", metavar="WHAT", required=True)
    verify = kinds.add_parser("verify", parents=[folder], help="whether every event is as it was written")
    verify.set_defaults(carry_out=maintenance_commands.verify_audit)
    look = kinds.add_parser("show", parents=[folder], help="its events, the latest last; they name no patient")
    look.add_argument("--from", dest="first_day", metavar="DD/MM/YYYY", help="from this day on")
    look.add_argument("--to", dest="last_day", metavar="DD/MM/YYYY", help="up to this day, included")
    look.add_argument("--kind", help="only this kind, such as report_taken")
    look.add_argument("--run", type=int, help="only those of this run")
    look.add_argument("--limit", type=_some, metavar="N", help="only the latest N")
    look.add_argument("--json", action="store_true", help="each as one JSON object on a line of its own")
    look.set_defaults(carry_out=history_commands.show_audit)
