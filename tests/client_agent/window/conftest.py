"""One Qt application without a display for the tests that run widgets in this process."""

import os

import pytest
from PySide6.QtWidgets import QApplication

from scripts import catalogues


@pytest.fixture(scope="session")
def app() -> QApplication:
    """Qt's own offscreen platform; the tests on a real display start programs of their own."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    catalogues.build()
    made = QApplication.instance() or QApplication(["relevo"])
    assert isinstance(made, QApplication)
    return made
