"""How the broker grows: waiting agents, pairings and whole sessions on real sockets.  `python -m tests.bench.scale`."""
