"""The technician's side: a Python library, a command line and the web console."""
