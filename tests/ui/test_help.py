"""The help: issue 4 item 9 (F1, what each action does, what each counter means, the go-live day as a checklist)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.outcomes import REASON_LABELS, Reason
from app.domain.states import RunStatus, StopReason
from app.engine.rows import Counts
from app.ui.colours import DARK, LIGHT
from app.ui.counter_words import COUNTER_WORDS
from app.ui.frame_model import _AT_WORK, _STATUS
from app.ui.help.help_view import HelpView
from app.ui.help.topics import CONTENTS, TOPICS, help_folder
from app.ui.page import Page
from app.ui.theme import Theme
from tests.ui.conftest import Staged
from tests.ui.fakes import run_view
from tests.ui.hands import Hands
from tests.ui.history.history_states import history_compare, history_run, history_trail
from tests.ui.patients.patient_states import group_new, groups, patient_story, patients_failed
from tests.ui.times_states import times_history

LINK = re.compile(r"\[[^\]]*\]\(([^)]+)\)")
PAGES = {topic.key: (help_folder() / f"{topic.key}.md").read_text(encoding="utf-8") for topic in TOPICS}


def test_every_page_is_in_the_list_and_every_entry_has_its_page():
    assert {path.stem for path in help_folder().glob("*.md")} == {topic.key for topic in TOPICS}


@pytest.mark.parametrize("key", PAGES)
def test_links_and_pictures_lead_to_what_is_there(key):
    for target in LINK.findall(PAGES[key]):
        assert "://" not in target
        assert (help_folder() / target).resolve().is_file(), target


def test_every_picture_has_its_dark_twin():
    pictures = {target for text in PAGES.values() for target in LINK.findall(text) if target.endswith(".png")}
    assert pictures
    for picture in pictures:
        assert (help_folder() / picture.replace("-light", "-dark")).resolve().is_file()


def test_the_words_of_the_screen_are_explained():
    for words in CONSENT_MIGRATION.actions.values():
        assert f"**{words.label}**" in PAGES["actions"]
    for counter in COUNTER_WORDS.values():
        assert f"**{counter.label}**" in PAGES["results"]
    shown = {word for word, _ in (*_STATUS.values(), *_AT_WORK.values())}
    assert not [word for word in shown if f"**{word}**" not in PAGES["running"]]


def test_every_reason_to_fail_says_what_to_do():
    failures = list(Reason)[list(Reason).index(Reason.PDS_MISMATCH) :]
    assert Reason.INTERNAL_ERROR in failures
    assert not [reason for reason in failures if f"**{REASON_LABELS[reason]}**" not in PAGES["failed"]]


# --- the window -------------------------------------------------------------------------------------------------------


def press_f1(hands: Hands) -> None:
    dialog = QApplication.activeModalWidget()
    hands.until(lambda: dialog is None or (dialog.isActiveWindow() and dialog.focusWidget().hasFocus()))
    hands.key(Qt.Key.Key_F1)
    hands.until(lambda: hands.screen.help.window is not None and hands.screen.help.window.view.hasFocus())


def test_f1_opens_the_page_about_what_is_seen(staged: Staged, qtbot: QtBot):
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    hands.until_focus(hands.middle.choose.buttons[Action.RUN])
    press_f1(hands)
    window = hands.screen.help.window
    assert window.view.key == "actions"
    assert window.topics.currentItem().text() == "The four actions"
    assert "Begins again from the first patient" in window.view.toPlainText()
    hands.key(Qt.Key.Key_Escape)
    hands.until(lambda: not window.isVisible())
    hands.press(Action.RUN)
    hands.until_focus(hands.middle.options.ok_button)
    press_f1(hands)
    assert window.view.key == "starting"


def test_f1_on_results_and_in_the_sign_in_dialog(staged: Staged, qtbot: QtBot):
    staged.practice.run_view = run_view(RunStatus.STOPPED, Counts(unprocessed=3, failed=1), StopReason.USER)
    hands = Hands(staged.open(), qtbot)
    hands.screen.runs.show_results()
    hands.until_page(hands.middle.results)
    press_f1(hands)
    assert hands.screen.help.window.view.key == "results"
    hands.screen.help.window.close()
    hands.click(hands.window.side.card.sign_in_button)
    hands.until(hands.screen.sign_in.dialog.passcode.hasFocus)
    press_f1(hands)
    assert hands.screen.help.window.view.key == "smartcard"


@pytest.mark.parametrize(
    ("state", "key"),
    [
        *((patients_failed, "lists"), (patient_story, "story"), (groups, "groups"), (group_new, "groups")),
        *((history_run, "history"), (history_compare, "history"), (history_trail, "audit"), (times_history, "times")),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_f1_on_what_lies_over_the_run_opens_the_page_about_that(staged: Staged, qtbot: QtBot, state, key):
    hands = state(staged, qtbot)
    press_f1(hands)
    assert hands.screen.help.window.view.key == key


def test_every_page_of_the_window_has_a_page_of_the_help(staged: Staged):
    hands = staged.open()
    pages = hands.window.middle.findChildren(Page)
    assert {page.topic for page in pages} <= {topic.key for topic in TOPICS} - {CONTENTS}


def test_the_menu_leads_to_the_checklist_and_the_contents(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    menu = hands.window.help_menu
    assert isinstance(menu, QMenu)
    for words, key in (("&Go-live checklist", "go-live"), ("&Contents", "index")):
        next(entry for entry in menu.actions() if entry.text() == words).trigger()
        assert hands.screen.help.window.view.key == key
    assert "10 hours from sign-in" in PAGES["go-live"]


def test_the_help_is_read_with_the_keyboard_alone(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    hands.screen.help.on_asked("index")
    window = hands.screen.help.window
    hands.until(window.view.hasFocus)
    hands.key(Qt.Key.Key_Tab)
    # The first link of the page.
    qtbot.keyClick(window.view, Qt.Key.Key_Return)
    assert window.view.key == "go-live"
    window.topics.setFocus()
    hands.key(Qt.Key.Key_Down)
    assert window.view.key == "actions"
    hands.key(Qt.Key.Key_Backspace)
    assert window.view.key == "go-live"
    assert window.back_button.isEnabled()


def test_the_help_goes_with_the_main_window(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    hands.screen.help.on_asked("index")
    hands.screen.help.dispose()
    assert hands.screen.help.window is None


# --- what it shows and what it does not -------------------------------------------------------------------------------


@pytest.fixture
def view(qtbot: QtBot) -> HelpView:
    made = HelpView(help_folder())
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    made.turn_to("running")
    return made


@pytest.mark.parametrize(
    "address", ["https://example.org/keys.md", "file:///etc/passwd", "../docs/decisions.md", "nothing.md", "keys.txt"]
)
def test_a_link_out_of_the_help_does_nothing(view: HelpView, address):
    view.anchorClicked.emit(QUrl(address))
    assert view.key == "running"


def test_nothing_is_fetched_for_a_page(view: HelpView):
    for address in ("https://example.org/x.png", "file:///etc/passwd"):
        assert view.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl(address)) is None


def test_pictures_fit_the_page_and_follow_the_scheme(view: HelpView, qtbot: QtBot, theme: Theme):
    def picture() -> QImage:
        return view.document().resource(QTextDocument.ResourceType.ImageResource.value, QUrl("running-light.png"))

    assert 0 < picture().deviceIndependentSize().width() < view.viewport().width()
    assert view.horizontalScrollBar().maximum() == 0
    assert picture().pixelColor(300, 200).lightness() > 128
    view.resize(500, 500)
    qtbot.waitUntil(lambda: picture().deviceIndependentSize().width() < 500)
    try:
        theme.dress(DARK)
        qtbot.waitUntil(lambda: picture().pixelColor(300, 200).lightness() < 128)
    finally:
        theme.dress(LIGHT)


def test_the_pages_come_with_the_program():
    assert Path(help_folder()).parent.name in {"resources", "_resources"}
