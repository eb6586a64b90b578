"""Which pages the help has, and in which order. Every page of the window names its own (`Page.topic`). No widgets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.resources import resources_folder


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of the help; `key` is its file's name without the ending."""

    key: str
    title: str


TOPICS = (
    Topic("index", "Contents"),
    Topic("go-live", "The go-live day"),
    Topic("actions", "The four actions"),
    Topic("starting", "The step before OK"),
    Topic("preview", "The preview"),
    Topic("times", "Set times"),
    Topic("running", "While it runs"),
    Topic("results", "Results, what to do next"),
    Topic("failed", "Patients that failed"),
    Topic("lists", "Lists of patients"),
    Topic("story", "A patient's story"),
    Topic("groups", "Patient groups"),
    Topic("worklists", "Worklists"),
    Topic("reports", "Reports"),
    Topic("history", "Runs, two compared"),
    Topic("audit", "The audit trail"),
    Topic("smartcard", "Your Smartcard"),
    Topic("practice", "Practices, lists, settings"),
    Topic("keys", "Keys, reading aloud"),
    Topic("promises", "What is sent"),
)

CONTENTS, CHECKLIST, SMARTCARD, PRACTICE, GROUPS = "index", "go-live", "smartcard", "practice", "groups"
REPORTS, WORKLISTS = "reports", "worklists"


def help_folder() -> Path:
    """Where the pages are."""
    return resources_folder() / "help"
