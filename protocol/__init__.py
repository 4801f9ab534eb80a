"""What both ends and the broker agree on. Pure: no socket, clock, file or randomness of its own."""
