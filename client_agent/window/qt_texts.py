"""Qt's own texts (the menu of a text field, the dialogue that saves a file) in the customer's language."""

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from client_agent.i18n import Language


class QtTexts:
    """Holds the one translator that is installed; English is Qt's own."""

    def __init__(self) -> None:
        self._installed: QTranslator | None = None
        self._language: Language = "en"

    def speak(self, language: Language) -> None:
        """From now on."""
        if language == self._language:
            return
        self._language = language
        if self._installed is not None:
            QCoreApplication.removeTranslator(self._installed)
            self._installed = None
        translator = QTranslator()
        if translator.load(
            QLocale(language), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        ):
            QCoreApplication.installTranslator(translator)
            self._installed = translator
