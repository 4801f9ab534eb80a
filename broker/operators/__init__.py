"""Accounts: who signs in, with what, and what ends it."""
