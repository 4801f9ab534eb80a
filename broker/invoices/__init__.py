"""Invoices: numbered without gaps, explained line by line, paid, taken back; and statements of use."""
