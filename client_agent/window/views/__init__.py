"""One file for each page of the window; `page.py` is what they have in common."""
