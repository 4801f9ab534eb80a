"""The office that bills, for contracts too."""

from tests.broker.invoices.conftest import books

__all__ = ["books"]
