"""Figures for administrators and auditors: what was done, what came of it, what is ahead.  Nothing is stored here."""
