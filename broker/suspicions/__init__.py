"""Reports of a suspected compromise (Q12)."""
