"""The dialog that shows a certificate before it is saved or printed."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QTextBrowser, QWidget

from app.engine.certificate import Certificate
from app.engine.certificate_words import text_lines
from app.ui.front.sheet import Sheet
from app.ui.reports.certificate_pages import certificate_document
from app.ui.widgets import STEP, button

_AIR = 4 * STEP


class CertificateSheet(Sheet):
    """Signals: `pdf_wanted()`, `print_wanted()`."""

    pdf_wanted = Signal()
    print_wanted = Signal()

    def __init__(self, certificate: Certificate, parent: QWidget | None) -> None:
        super().__init__("Go-live certificate", parent, width=190, height=160)
        self.certificate = certificate
        self.page = QTextBrowser()
        self.page.setAccessibleName("Go-live certificate")
        self.page.setAccessibleDescription("\n".join(text_lines(certificate)))
        document = certificate_document(certificate, self.page.font().pointSizeF(), self.page)
        document.setDocumentMargin(_AIR)
        self.page.setDocument(document)
        self.page.setTabChangesFocus(True)
        self.pdf_button = button("Save as PD&F…", primary=True)
        self.print_button = button("Pri&nt…")
        self.close_button = button("&Close")
        self.default, self.back = self.pdf_button, self.close_button
        self.content.addWidget(self.page, 1)
        self.add_buttons(self.print_button, self.pdf_button, self.close_button)
        self.pdf_button.clicked.connect(self.pdf_wanted)
        self.print_button.clicked.connect(self.print_wanted)
        self.close_button.clicked.connect(self.on_close)

    @Slot()
    def on_close(self) -> None:
        """Close was pressed."""
        self.dismiss()
