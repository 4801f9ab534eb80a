"""What keeps a measurement from being made: something that is not installed, or a relay that does not do its part."""


class Missing(Exception):
    """Something is not on this computer; says what, and how it comes here."""


class BenchFailed(Exception):
    """A relay or the load broke off; the figure would be wrong, so there is none."""
