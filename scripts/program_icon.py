"""The program's icon as a file for the systems whose programs carry one: drawn by the window's own code."""

import os
from io import BytesIO
from pathlib import Path

from PIL import Image

PIXELS = 512


def write(file: Path) -> None:
    """`file` ends in .ico (Windows) or .icns (macOS); each holds every size that its system asks for."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QGuiApplication

    from client_agent.window.icons import mark

    _app = QGuiApplication.instance() or QGuiApplication([])
    png = QByteArray()
    buffer = QBuffer(png)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    mark(PIXELS, 1.0).save(buffer, "PNG")
    with Image.open(BytesIO(png.data())) as picture:
        picture.save(file)
