"""Contracts: what a customer bought, and the ledger of its minutes."""
