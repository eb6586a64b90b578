"""The commands that look back: how a run stands, its lists, what is left of all runs, the certificate, the trail."""

from __future__ import annotations

from app.cli.parser.flags import Verbs, add_card, add_format, add_json, one_or_more
from app.cli.parser.later import Later
from app.engine.run_lists import LISTS
from app.engine.worklists import NAMED

certificate_command = Later("certificate_command")
history_commands = Later("history_commands")
maintenance_commands = Later("maintenance_commands")
report_command = Later("report_command")
run_commands = Later("run_commands")
worklist_commands = Later("worklist_commands")


def add_runs(verbs: Verbs) -> None:
    """How runs stand and stood, and their lists."""
    status = verbs.add("status", "how the latest run stands")
    add_json(status)
    status.set_defaults(carry_out=run_commands.status)
    past = verbs.add("history", "what was run: runs and their executions, newest first")
    past.add_argument("--limit", type=one_or_more, default=20, metavar="N", help="the latest N runs (default 20)")
    add_json(past)
    past.set_defaults(carry_out=history_commands.show_history)
    report = verbs.add("report", "a list of the latest run")
    report.add_argument("name", choices=list(LISTS), metavar="NAME", help=f"which list: {', '.join(LISTS)}")
    add_format(report)
    report.add_argument("--run", type=int, help="another run than the latest")
    add_card(report)
    report.set_defaults(carry_out=report_command.report)


def add_worklists(verbs: Verbs) -> None:
    """What is left to look after."""
    worklist = verbs.add("worklist", "what is left to look after, over all runs")
    kinds = Verbs(worklist, "worklist_verb", "WHAT")
    listed = kinds.add("list", "every worklist, and how many patients are left on it")
    add_json(listed)
    listed.set_defaults(carry_out=worklist_commands.show_all)
    one = kinds.add("show", "the patients left on a worklist")
    one.add_argument("name", choices=list(NAMED), metavar="NAME", help=f"which worklist: {', '.join(NAMED)}")
    add_format(one)
    add_card(one)
    one.set_defaults(carry_out=worklist_commands.show_one)


def add_certificate(verbs: Verbs) -> None:
    """The go-live certificate."""
    certify = verbs.add("certificate", "where every active patient stands after all runs")
    add_json(certify)
    certify.set_defaults(carry_out=certificate_command.certify)


def add_audit(verbs: Verbs) -> None:
    """The audit trail."""
    audit = verbs.add("audit", "the audit trail")
    kinds = Verbs(audit, "audit_verb", "WHAT")
    verify = kinds.add("verify", "whether every event is as it was written")
    verify.set_defaults(carry_out=maintenance_commands.verify_audit)
    look = kinds.add("show", "its events, the latest last; they name no patient")
    look.add_argument("--from", dest="first_day", metavar="DD/MM/YYYY", help="from this day on")
    look.add_argument("--to", dest="last_day", metavar="DD/MM/YYYY", help="up to this day, included")
    look.add_argument("--kind", help="only this kind, such as report_taken")
    look.add_argument("--run", type=int, help="only those of this run")
    look.add_argument("--limit", type=one_or_more, metavar="N", help="only the latest N")
    look.add_argument("--json", action="store_true", help="each as one JSON object on a line of its own")
    look.set_defaults(carry_out=history_commands.show_audit)
