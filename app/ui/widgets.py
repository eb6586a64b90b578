"""Small parts every page is made of: texts that never take data for markup, panels, notices, rules, spacing."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpacerItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.glyph import Glyph, Shape
from app.ui.spoken import say_aloud
from app.ui.tones import Tone

STEP = 4
"""Everything is spaced in multiples of this many pixels; Qt multiplies them by the screen's scale."""

_NOTICE_SHAPES = {
    Tone.PLAIN: Shape.INFORMATION,
    Tone.QUIET: Shape.INFORMATION,
    Tone.ACCENT: Shape.INFORMATION,
    Tone.DONE: Shape.TICK,
    Tone.ATTENTION: Shape.WARNING,
    Tone.FAILED: Shape.CROSS,
}


def label(words: str = "", role: str = "", *, wraps: bool = False) -> QLabel:
    """A text in plain words: nothing in it is ever taken for markup."""
    made = QLabel(words)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wraps)
    if wraps:
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
    return made


def button(words: str, *, primary: bool = False, large: bool = False) -> QPushButton:
    """A push button; `&` in the words marks the mnemonic."""
    made = QPushButton(words)
    # Else Enter would press it in a dialog only.
    made.setAutoDefault(True)
    made.setProperty("large", "true" if large else "false")
    set_primary(made, primary)
    return made


def set_primary(one: QPushButton, primary: bool) -> None:
    """Whether this button is the one that stands out."""
    set_look(one, "emphasis", "primary" if primary else "")


def bar(one: QAbstractButton, why_not: str | None, meaning: str = "") -> None:
    """Let a button be pressed, or not and say why; `meaning` is told besides. Nobody is told by its looks alone."""
    one.setEnabled(why_not is None)
    one.setToolTip(tip(why_not or meaning))
    one.setAccessibleDescription(" ".join(filter(None, (meaning, why_not))))


def tip(words: str) -> str:
    """Words for a tool tip, which Qt would take for markup where they look like it."""
    return f"<qt>{html.escape(words)}</qt>" if "<" in words else words


def set_tone(one: QWidget, tone: Tone) -> None:
    """Give a widget what it tells at a glance."""
    set_look(one, "tone", tone.value)


def set_look(one: QWidget, name: str, value: str) -> None:
    """Change a property the style sheet looks at, and have it looked at again."""
    if one.property(name) != value:
        one.setProperty(name, value)
        one.style().unpolish(one)
        one.style().polish(one)


def frame(role: str) -> QFrame:
    """A panel, a quiet box, a side column: whatever the style sheet knows this role as."""
    made = QFrame()
    made.setProperty("role", role)
    return made


def rule() -> QFrame:
    """A thin line across."""
    made = frame("rule")
    made.setFixedHeight(1)
    return made


def tidy(layout: QLayout, margin: int = 0, spacing: int = 0) -> None:
    """Margins and spacing, counted in steps."""
    layout.setContentsMargins(*(4 * [margin * STEP]))
    layout.setSpacing(spacing * STEP)


def widen(layout: QVBoxLayout, steps: int) -> None:
    """Make a dialog at least so wide; a least width of its own would let it be narrower than what stands in it."""
    layout.addSpacerItem(QSpacerItem(steps * STEP, 0, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed))


def mnemonic(words: str, letter: str) -> str:
    """The words with the mnemonic before the first such letter, and every other ampersand as itself."""
    at = words.lower().find(letter.lower())
    parts = (words,) if at < 0 else (words[:at], words[at:])
    return "&".join(part.replace("&", "&&") for part in parts)


def let_clear(line: QLineEdit) -> None:
    """A button within the field that empties it, with a name for those who cannot see it."""
    line.setClearButtonEnabled(True)
    for inner in line.findChildren(QToolButton):
        inner.setAccessibleName("Clear")


def steady_figures(one: QWidget) -> None:
    """Digits of one width, so that nothing jumps when a number grows."""
    font = one.font()
    font.setFeature(QFont.Tag.fromString("tnum"), 1)
    one.setFont(font)


class Notice(QFrame):
    """One sentence that stands out, with a sign as well as a colour.

    One that `speaks` tells a screen reader what is new: it appears where the keyboard is not.
    """

    def __init__(self, tone: Tone = Tone.ACCENT, words: str = "", *, speaks: bool = False) -> None:
        super().__init__()
        self._speaks = speaks
        self.setProperty("role", "notice")
        self._glyph = Glyph()
        self._words = label(wraps=True)
        self._detail = label(wraps=True)
        self._row = QHBoxLayout(self)
        tidy(self._row, margin=3, spacing=3)
        self._row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        lines = QVBoxLayout()
        tidy(lines, spacing=1)
        lines.addWidget(self._words)
        lines.addWidget(self._detail)
        self._row.addLayout(lines, 1)
        self.say(tone, words)

    def say(self, tone: Tone, words: str, detail: str = "") -> None:
        """Show this sentence, and what follows from it below; an empty one hides the notice."""
        self._glyph.show_shape(_NOTICE_SHAPES[tone], tone)
        self._words.setText(words)
        set_look(self._words, "role", "strong" if detail else "")
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        before = self.words
        self.setAccessibleName(f"{words} {detail}".strip())
        set_tone(self, tone)
        for text in (self._words, self._detail, self._glyph):
            # Their colour depends on the tone of what they stand in, which only a fresh look notices.
            text.style().polish(text)
        self.setVisible(bool(words))
        if self._speaks and self.isVisible() and self.words != before:
            say_aloud(self, self.words, urgent=tone in {Tone.ATTENTION, Tone.FAILED})

    @property
    def words(self) -> str:
        """What is shown, all of it."""
        return self.accessibleName()

    def add(self, widget: QWidget) -> None:
        """Put something at the right end, such as the button that mends what the notice tells of."""
        self._row.addWidget(widget)


class Sentences(QWidget):
    """A few sentences below one another, each on lines of its own; with `bullets` in a list."""

    def __init__(self, *, bullets: bool = False) -> None:
        super().__init__()
        self._bullets = bullets
        self._lines: list[tuple[QLabel, QLabel]] = []
        self._rows = QGridLayout(self)
        tidy(self._rows)
        self._rows.setHorizontalSpacing(2 * STEP)
        self._rows.setVerticalSpacing(STEP + 2)
        self._rows.setColumnStretch(1, 1)

    def show_sentences(self, sentences: tuple[str, ...]) -> None:
        """Show these instead of those before; labels are kept, so that nothing flickers when a number changes."""
        while len(self._lines) < len(sentences):
            bullet, words = label("•"), label(wraps=True)
            self._rows.addWidget(bullet, len(self._lines), 0, Qt.AlignmentFlag.AlignTop)
            self._rows.addWidget(words, len(self._lines), 1)
            self._lines.append((bullet, words))
        for at, (bullet, words) in enumerate(self._lines):
            is_used = at < len(sentences)
            words.setText(sentences[at] if is_used else "")
            words.setVisible(is_used)
            bullet.setVisible(is_used and self._bullets)
        self.setAccessibleName(" ".join(sentences))

    @property
    def words(self) -> str:
        """What is shown, one sentence a line."""
        return "\n".join(words.text() for _, words in self._lines if words.text())
