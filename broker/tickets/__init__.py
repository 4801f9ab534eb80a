"""Numbered requests of customers, and what is said on them (E5)."""
