"""Agreed starts of remote help, their invitations, and what becomes of those that are missed (I10–I13)."""
