"""What a session has come to, for the customer whose program had it."""
