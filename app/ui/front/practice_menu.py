"""The menu Practice of the window with an open practice."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from app.ui.front.export_flow import ExportFlow
from app.ui.front.front_controller import FrontController
from app.ui.main_window import MainWindow

TITLE = "Pr&actice"


class PracticeMenu(QMenu):
    """Puts itself beside the window's other menus. `other` is for whoever opens another practice to connect."""

    def __init__(self, window: MainWindow, front: FrontController, export: ExportFlow) -> None:
        super().__init__(TITLE, window)
        self.newer_list = self.addAction("&Update from a newer list…")
        self.export = self.addAction("&Export…")
        self.back_up = self.addAction("&Back up")
        self.rehearse = self.addAction("&Rehearse on a copy…")
        self.addSeparator()
        self.settings = self.addAction("&Settings…")
        self.connection = self.addAction("Test the &connection…")
        self.log = self.addAction("&Log…")
        self.addSeparator()
        self.other = self.addAction("Choose an&other practice…")
        self.newer_list.triggered.connect(front.on_update)
        self.export.triggered.connect(export.on_wanted)
        self.back_up.triggered.connect(front.on_back_up)
        self.settings.triggered.connect(front.on_settings)
        self.connection.triggered.connect(front.on_connection)
        self.log.triggered.connect(front.on_log)
        window.add_menu(self)
