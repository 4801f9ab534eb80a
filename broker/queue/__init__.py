"""Who waits, in the order of the policy, and who is next."""
