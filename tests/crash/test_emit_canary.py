"""The canary for Qt's bindings: some of their versions end the interpreter after a few hundred signals (decided with
the versions in pyproject.toml). A run emits more than that; so does this, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys

from tests.helpers.simulator import ROOT

EMITS = 20_000
CANARY = f"""
from PySide6.QtCore import QCoreApplication, QObject, QThread, Qt, Signal, Slot

class Sender(QObject):
    number = Signal(object)
    over = Signal()

    @Slot()
    def work(self):
        for number in range({EMITS}):
            self.number.emit(number)
        self.over.emit()

class Hearer(QObject):
    heard = 0

    @Slot(object)
    def on_number(self, number):
        self.heard += number is not True

    @Slot()
    def on_over(self):
        QCoreApplication.quit()

application = QCoreApplication([])
thread, sender, hearer = QThread(), Sender(), Hearer()
sender.moveToThread(thread)
sender.number.connect(hearer.on_number)
sender.over.connect(hearer.on_over)
thread.started.connect(sender.work)
thread.start()
application.exec()
thread.quit()
thread.wait()
print(hearer.heard)
"""


def test_twenty_thousand_signals_between_threads_all_arrive_and_nothing_breaks():
    done = subprocess.run([sys.executable, "-c", CANARY], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str(EMITS), "")
