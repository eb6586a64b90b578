"""Which pages the help has, in which order, and which of them is about what somebody is looking at. No widgets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.resources import resources_folder
from app.ui.choose_model import ChooseModel
from app.ui.frame_model import PageModel
from app.ui.options_model import OptionsModel
from app.ui.running_model import RunningModel


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
    Topic("running", "While it runs"),
    Topic("results", "Results, what to do next"),
    Topic("failed", "Patients that failed"),
    Topic("smartcard", "Your Smartcard"),
    Topic("practice", "Practices, lists, settings"),
    Topic("keys", "Keys, reading aloud"),
    Topic("promises", "What is sent"),
)

CONTENTS, CHECKLIST, SMARTCARD, PRACTICE = "index", "go-live", "smartcard", "practice"


def help_folder() -> Path:
    """Where the pages are."""
    return resources_folder() / "help"


def topic_for(page: PageModel) -> str:
    """The key of the page about what the window shows."""
    if isinstance(page, ChooseModel):
        return "actions"
    if isinstance(page, OptionsModel):
        return "starting"
    if isinstance(page, RunningModel):
        return "running"
    return "results"
