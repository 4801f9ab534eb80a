"""Addresses of loopback from which the bench's agents come, and how many of them at once."""

PER_ADDRESS = 250
"""A broker measures 300 lines of one address in ten minutes."""
AT_ONCE = 8
"""A broker measures eight lines at a time."""


def address(group: int, number: int) -> str:
    """The address of that agent of a group: 127.{1 + group}.x.y."""
    host = number // PER_ADDRESS + 1
    return f"127.{1 + group}.{host // 256}.{host % 256}"
