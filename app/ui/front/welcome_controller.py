"""The window while no practice is open, with everything that can be begun from it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from app.engine.long_work import WorkState
from app.ui.frame_model import PRODUCT
from app.ui.front.front_controller import FrontController
from app.ui.front.memory import WindowMemory
from app.ui.front.ports import PortOf
from app.ui.front.rehearsal_flow import RehearsalFlow
from app.ui.front.rescue import Rescue
from app.ui.front.returning import Returning
from app.ui.front.welcome_model import Trouble, WelcomeModel
from app.ui.front.welcome_window import WelcomeWindow
from app.ui.help.help_desk import HelpDesk


class WelcomeController(QObject):
    """Lives in the window's thread; `folder` is where a new practice would go unless another is chosen.

    Signals: `open_wanted(object)` with the folder of a practice; `close_wanted()`; `failed(object)`, unexpected.
    """

    open_wanted = Signal(object)
    close_wanted = Signal()
    failed = Signal(object)

    def __init__(self, port_of: PortOf, memory: WindowMemory, folder: Path, about: str, parent: QObject) -> None:
        super().__init__(parent)
        self._memory = memory
        self._about = about
        self.window = WelcomeWindow()
        self.help = HelpDesk(lambda: self.window.page.topic, self)
        self.front = FrontController(self.window, port_of, folder, self.help, is_open=False)
        self.rescue = Rescue(port_of, self.front, self.window)
        self.rehearsal = RehearsalFlow(self.front, port_of, self.window)
        self.returning = Returning(port_of, self)
        self.chooser: QFileDialog | None = None
        self._trouble: Trouble | None = None
        page = self.window.page
        page.demonstration_wanted.connect(self.front.on_demonstration)
        page.import_wanted.connect(self.front.on_import)
        page.settings_wanted.connect(self.front.on_settings)
        page.connection_wanted.connect(self.front.on_connection)
        page.folder_wanted.connect(self.on_folder_wanted)
        page.open_wanted.connect(self.open_wanted)
        page.restore_wanted.connect(self.rescue.on_restore_wanted)
        page.rehearsal_wanted.connect(self.rehearsal.begin)
        page.import_here_wanted.connect(self.front.on_import_here)
        self.window.log_wanted.connect(self.front.on_log)
        self.window.help_menu.about_wanted.connect(self.on_about_wanted)
        self.window.help_menu.topic_wanted.connect(self.help.on_asked)
        self.window.close_wanted.connect(self.close_wanted)
        self.front.open_wanted.connect(self.open_wanted)
        self.front.failed.connect(self.failed)
        self.rescue.changed.connect(self.on_trouble)
        self.rescue.restored.connect(self.open_wanted)
        self.rehearsal.prepared.connect(self.open_wanted)
        self.returning.found.connect(self.open_wanted)

    def show_welcome(self, trouble: Trouble | None = None) -> None:
        """Show the page, with what keeps a practice from being opened, if anything does."""
        self._trouble = None
        self.returning.look_for(trouble.folder if trouble is not None and trouble.passes else None)
        if trouble is not None:
            self.rescue.begin(trouble)
        else:
            self._show_page()
        self._show_window()

    def show_work(self, subtitle: str, state: WorkState) -> None:
        """Show that a practice is being opened or closed."""
        self.returning.look_for(None)
        self.window.show_work(subtitle, state)
        self._show_window()

    def hide(self) -> None:
        """A practice is open now: its own window takes the place of this one."""
        self.returning.look_for(None)
        if self.window.isVisible():
            self._memory.save(self.window, None)
            self.window.hide()

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: whether everything that was begun from here is over."""
        over = [one.shut_down(seconds) for one in (self.front, self.rescue, self.returning)]
        return all(over)

    def dispose(self) -> None:
        """Let go of the window. Left to Python's collector it would be taken apart in any order."""
        self.hide()
        self.help.dispose()
        self.window.close_for_good()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(self.window, QEvent.Type.DeferredDelete.value)

    @Slot(object)
    def on_trouble(self, trouble: Trouble) -> None:
        """What is known of the trouble is more now."""
        self._trouble = trouble
        self._show_page()

    @Slot()
    def on_folder_wanted(self) -> None:
        """Have a folder chosen."""
        self.chooser = QFileDialog(self.window, "Folder of the practice")
        self.chooser.setFileMode(QFileDialog.FileMode.Directory)
        self.chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        self.chooser.fileSelected.connect(self.on_folder_chosen)
        self.chooser.open()

    @Slot(str)
    def on_folder_chosen(self, folder: str) -> None:
        """A folder was chosen."""
        self.open_wanted.emit(Path(folder))

    @Slot()
    def on_about_wanted(self) -> None:
        """Help, About."""
        self.front.tell(PRODUCT, self._about)

    def _show_page(self) -> None:
        self.window.show_welcome(WelcomeModel(self._trouble, self._memory.recent()))

    def _show_window(self) -> None:
        if not self.window.isVisible():
            self._memory.restore(self.window, None)
            self.window.show()
