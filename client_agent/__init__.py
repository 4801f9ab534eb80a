"""The customer's program: window, consent, capture, input.  It holds the customer's law."""
