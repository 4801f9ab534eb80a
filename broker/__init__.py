"""The provider's server: rendezvous, policy, log, relay.  It cannot read a session."""
