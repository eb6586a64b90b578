"""The one style sheet: what palette and layouts cannot say. Colours come in as values; none is written here.

Widgets are picked by the properties `role` (what a text or a frame is) and `tone` (what it tells: done, attention,
failed, accent, quiet).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ui.colours import Colours

_TITLE, _NUMBER, _LEAD, _HELP, _HEADING = 1.5, 1.6, 1.15, 0.95, 0.85
"""Sizes of text, relative to the system's font."""


def style_sheet(colours: Colours, base_points: float) -> str:
    """The sheet for these colours, with text sizes relative to the system font's size in points."""
    texts = _texts(colours, base_points)
    rest = (_frames, _buttons, _fields, _tables, _bars)
    return texts + "".join(part(colours) for part in rest)


def _frames(c: Colours) -> str:
    return f"""
QFrame[role="side"] {{ background: {c.panel}; border: none; border-right: 1px solid {c.line}; }}
QFrame[role="side"][folded="true"] {{ border-right: none; border-bottom: 1px solid {c.line}; }}
QFrame[role="panel"] {{ background: {c.panel}; border: 1px solid {c.line}; border-radius: 6px; }}
QFrame[role="quiet"] {{ background: {c.window}; border: 1px solid {c.line}; border-radius: 6px; }}
QFrame[role="rule"] {{ background: {c.line}; border: none; }}
QFrame[role="notice"] {{ background: {c.panel}; border: 1px solid {c.line}; border-left-width: 4px;
    border-top-right-radius: 4px; border-bottom-right-radius: 4px; }}
QFrame[role="notice"][tone="accent"] {{ border-left-color: {c.accent}; }}
QFrame[role="notice"][tone="done"] {{ border-left-color: {c.done}; }}
QFrame[role="notice"][tone="failed"] {{ border-left-color: {c.failed}; }}
QFrame[role="notice"][tone="attention"] {{ background: {c.attention}; border: 1px solid {c.attention};
    border-radius: 4px; }}
QFrame[role="notice"][tone="attention"] QLabel {{ color: {c.on_attention}; }}
QFrame[role="marker"] {{ background: {c.line}; border: none; }}
QFrame[role="marker"][tone="accent"] {{ background: {c.accent}; }}
QFrame[role="marker"][tone="done"] {{ background: {c.done}; }}
QFrame[role="marker"][tone="failed"] {{ background: {c.failed}; }}
QScrollArea {{ background: transparent; border: none; }}
QListWidget[role="recent"] {{ background: {c.panel}; border: 1px solid {c.line}; border-radius: 6px; outline: none; }}
QListWidget[role="recent"]::item {{ color: {c.text}; padding: 8px 12px; }}
QListWidget[role="recent"]::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QListWidget[role="processes"] {{ background: transparent; border: none; outline: none; }}
QListWidget[role="processes"]::item {{ color: {c.text}; padding: 8px 12px; border-left: 4px solid transparent; }}
QListWidget[role="processes"]::item:selected {{ background: {c.window}; border-left-color: {c.accent}; }}
"""


def _texts(c: Colours, base: float) -> str:
    def size(factor: float) -> str:
        return f"{base * factor:.2f}pt"

    return f"""
QLabel[role="title"] {{ font-size: {size(_TITLE)}; font-weight: 600; }}
QLabel[role="lead"] {{ font-size: {size(_LEAD)}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="number"] {{ font-size: {size(_NUMBER)}; font-weight: 600; }}
QLabel[role="value"] {{ font-size: {size(_LEAD)}; font-weight: 600; }}
QLabel[role="help"] {{ font-size: {size(_HELP)}; color: {c.secondary}; }}
QLabel[role="link"] {{ color: {c.accent}; text-decoration: underline; }}
QLabel[role="secondary"] {{ color: {c.secondary}; }}
QLabel[role="heading"] {{ font-size: {size(_HEADING)}; font-weight: 600; color: {c.secondary}; }}
QLabel[role="chart"] {{ font-size: {size(_HELP)}; qproperty-sent_ink: {c.done}; qproperty-sending_ink: {c.accent};
    qproperty-failed_ink: {c.failed}; qproperty-not_required_ink: {c.secondary}; }}
QLabel[tone="quiet"] {{ color: {c.secondary}; }}
QLabel[tone="accent"] {{ color: {c.accent}; }}
QLabel[tone="done"] {{ color: {c.done}; }}
QLabel[tone="failed"] {{ color: {c.failed}; }}
QToolTip {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.control_line}; padding: 4px; }}
"""


def _buttons(c: Colours) -> str:
    return f"""
QPushButton {{ background: {c.panel}; color: {c.accent}; border: 1px solid {c.accent}; border-radius: 4px;
    padding: 6px 16px; min-width: 64px; }}
QPushButton:hover {{ background: {c.window}; }}
QPushButton:pressed {{ background: {c.line}; }}
QPushButton[emphasis="primary"] {{ background: {c.accent}; color: {c.on_accent}; font-weight: 600; }}
QPushButton[emphasis="primary"]:hover, QPushButton[emphasis="primary"]:pressed {{ background: {c.accent_pressed};
    border-color: {c.accent_pressed}; }}
QPushButton:disabled, QPushButton[emphasis="primary"]:disabled {{ background: transparent; color: {c.secondary};
    border: 1px solid {c.line}; }}
QPushButton[role="counter"], QPushButton[role="counter"]:pressed {{ background: transparent; border: none;
    border-radius: 0; padding: 0; min-width: 0; }}
QPushButton[role="counter"][first="false"], QPushButton[role="counter"][first="false"]:pressed {{
    border-left: 1px solid {c.line}; }}
QPushButton[role="counter"]:hover {{ background: {c.window}; }}
QPushButton[large="true"] {{ padding: 13px 16px; min-width: 112px; }}
"""


def _fields(c: Colours) -> str:
    return f"""
QLineEdit, QComboBox, QDateTimeEdit, QSpinBox, QPlainTextEdit {{ background: {c.panel}; color: {c.text};
    border: 1px solid {c.control_line}; border-radius: 4px; padding: 3px 8px; }}
QLineEdit, QPlainTextEdit {{ placeholder-text-color: {c.secondary}; }}
QLineEdit:disabled, QComboBox:disabled, QDateTimeEdit:disabled, QSpinBox:disabled {{ background: transparent;
    color: {c.secondary}; border-color: {c.line}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0; }}
QComboBox {{ padding-right: 24px; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox QAbstractItemView {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.control_line};
    selection-background-color: {c.accent}; selection-color: {c.on_accent}; outline: none; }}
QCheckBox, QRadioButton {{ spacing: 8px; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 14px; height: 14px; background: {c.panel};
    border: 1px solid {c.control_line}; }}
QCheckBox::indicator {{ border-radius: 3px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; }}
QRadioButton::indicator:checked {{ background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0 {c.accent}, stop: 0.55 {c.accent}, stop: 0.65 {c.panel}, stop: 1 {c.panel}); }}
QRadioButton::indicator:checked:disabled {{ background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0 {c.secondary}, stop: 0.55 {c.secondary}, stop: 0.65 {c.panel}, stop: 1 {c.panel}); }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {c.secondary}; }}
"""


def _tables(c: Colours) -> str:
    return f"""
QTableView {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.line}; border-radius: 4px; outline: none;
    selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
QTableView::item {{ padding: 0 8px; border-bottom: 1px solid {c.line}; }}
QTableView::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QListWidget[role="groups"] {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.line}; border-radius: 4px;
    outline: none; }}
QListWidget[role="groups"]::item {{ padding: 6px 10px; border-bottom: 1px solid {c.line}; }}
QListWidget[role="groups"]::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QHeaderView {{ background: {c.window}; border: none; }}
QHeaderView::section {{ background: {c.window}; color: {c.secondary}; font-weight: 600; padding: 5px 11px;
    border: none; border-bottom: 1px solid {c.control_line}; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
"""


def _bars(c: Colours) -> str:
    return f"""
QMenuBar {{ background: {c.panel}; color: {c.text}; border-bottom: 1px solid {c.line}; }}
QMenuBar::item {{ background: transparent; padding: 6px 12px; }}
QMenuBar::item:selected {{ background: {c.window}; }}
QStatusBar {{ background: {c.panel}; border-top: 1px solid {c.line}; }}
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {c.control_line}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QTextBrowser {{ background: {c.panel}; border: 1px solid {c.line}; border-radius: 6px; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ padding: 4px 12px; }}
"""
