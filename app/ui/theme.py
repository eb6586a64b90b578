"""Dresses the application in its icon and colours; follows the system between light, dark and high contrast."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from app.ui.colours import DARK, LIGHT, Colours, high_contrast, palette_of
from app.ui.focus_ring import FocusRing
from app.ui.icons import program_icon
from app.ui.style_sheet import style_sheet


class Theme(QObject):
    """Puts palette and style sheet on the application, and again whenever the system's scheme changes.

    Lives in the window's thread.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        # Taken before anything is changed: what the system says.
        self._system = QPalette(application.palette())
        application.setStyle("Fusion")
        application.setWindowIcon(program_icon())
        FocusRing(application)
        hints = application.styleHints()
        hints.colorSchemeChanged.connect(self.on_scheme_changed)
        self.on_scheme_changed(hints.colorScheme())

    @Slot(Qt.ColorScheme)
    def on_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        """The system went light or dark; where it does not say, light."""
        if self._wants_high_contrast():
            self.dress(high_contrast(self._system))
        else:
            self.dress(DARK if scheme is Qt.ColorScheme.Dark else LIGHT)

    def dress(self, colours: Colours) -> None:
        """Put these colours on everything."""
        self._application.setPalette(palette_of(colours))
        self._application.setStyleSheet(style_sheet(colours, self._application.font().pointSizeF()))

    def _wants_high_contrast(self) -> bool:
        # Qt tells of it from 6.10 on.
        accessibility = getattr(self._application.styleHints(), "accessibility", None)
        return accessibility is not None and accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast
