"""What administrators should look at: failed pairings, burnt codes, throttled sign-ins."""
