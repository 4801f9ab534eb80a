"""Sessions: what the control plane writes down, and the lists, pages and exports that people read."""
