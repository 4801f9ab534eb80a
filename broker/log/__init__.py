"""The session log: hash-chained events, what they say, and the proof that none was changed or lost."""
