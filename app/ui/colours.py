"""Every colour of the window: light, dark, and what the system's high contrast asks for.

No other module may name a colour: widgets carry a `tone` or a `role`, the style sheet and the palette do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True, slots=True)
class Colours:
    """The roles of the look, each as #rrggbb; `on_...` is text upon that colour."""

    window: str
    panel: str
    line: str
    control_line: str
    text: str
    secondary: str
    accent: str
    accent_pressed: str
    on_accent: str
    done: str
    attention: str
    on_attention: str
    failed: str
    focus: str = "#FFEB3B"
    focus_line: str = "#212B32"


LIGHT = Colours(
    window="#F0F4F5",
    panel="#FFFFFF",
    line="#D8DDE0",
    control_line="#768692",
    text="#212B32",
    secondary="#4C6272",
    accent="#005EB8",
    accent_pressed="#004B93",
    on_accent="#FFFFFF",
    done="#007F3B",
    attention="#FFB81C",
    on_attention="#212B32",
    failed="#D5281B",
)

DARK = Colours(
    window="#171C1F",
    panel="#212B32",
    line="#3A4750",
    control_line="#8A99A5",
    text="#F0F4F5",
    secondary="#B9C4CC",
    accent="#6CB2EB",
    accent_pressed="#94C8F2",
    on_accent="#171C1F",
    done="#5DC98A",
    attention="#FFC84A",
    on_attention="#171C1F",
    failed="#FF8A80",
)


def high_contrast(system: QPalette) -> Colours:
    """The colours a person has chosen in the system's high-contrast setting, and none of ours."""
    window, text = system.color(QPalette.ColorRole.Window).name(), system.color(QPalette.ColorRole.WindowText).name()
    accent = system.color(QPalette.ColorRole.Highlight).name()
    on_accent = system.color(QPalette.ColorRole.HighlightedText).name()
    return Colours(
        window=window,
        panel=window,
        line=text,
        control_line=text,
        text=text,
        secondary=text,
        accent=accent,
        accent_pressed=accent,
        on_accent=on_accent,
        done=text,
        attention=accent,
        on_attention=on_accent,
        failed=text,
        focus=accent,
        focus_line=text,
    )


def palette_of(colours: Colours) -> QPalette:
    """The colours as Qt's own widgets want them; the focus ring's stand in BrightText and Shadow, free otherwise."""
    role = QPalette.ColorRole
    palette = QPalette(QColor(colours.panel), QColor(colours.window))
    for roles, colour in (
        ((role.Window, role.AlternateBase), colours.window),
        ((role.Base, role.Button, role.ToolTipBase, role.Light), colours.panel),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), colours.text),
        ((role.PlaceholderText,), colours.secondary),
        ((role.Highlight, role.Accent, role.Link), colours.accent),
        ((role.HighlightedText,), colours.on_accent),
        ((role.Mid, role.Midlight), colours.line),
        ((role.BrightText,), colours.focus),
        ((role.Shadow,), colours.focus_line),
    ):
        for one in roles:
            palette.setColor(one, QColor(colour))
    for one in (role.Text, role.ButtonText, role.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(colours.secondary))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Base, QColor(colours.window))
    return palette
