"""Our relay beside others that carry the same bytes: speed, cost, delay, memory.  `python -m tests.bench.relays`."""
