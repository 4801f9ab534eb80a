"""Providers on this installation: name, logo, services, price, limits and terms."""
