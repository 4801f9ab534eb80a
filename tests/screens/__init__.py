"""`make screens`: one contact sheet of every screen, in both languages, light and dark, at 100 and 200 %."""
