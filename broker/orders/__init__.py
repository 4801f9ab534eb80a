"""Prepaid one-off services (T1–T7): orders, what came in for them, and the page of whoever paid."""
