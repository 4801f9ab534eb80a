"""The customer's window: what it shows (`view_model.py`, pure) and how (PySide6).

The core never imports it and it never imports the core: `client_agent.events` is all that both know.
"""
