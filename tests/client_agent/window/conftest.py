"""One Qt application without a display for the tests that run widgets in this process."""

import gc
import os
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from scripts import catalogues
from tests.client_agent.support.shown_window import Shown


@pytest.fixture(scope="session")
def app() -> QApplication:
    """Qt's own offscreen platform; the tests on a real display start programs of their own."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    catalogues.build()
    made = QApplication.instance() or QApplication(["relevo"])
    assert isinstance(made, QApplication)
    return made


@pytest.fixture
def shown(app: QApplication) -> Iterator[Shown]:
    made = Shown(app)
    yield made
    made.window.put_away()
    made.window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
