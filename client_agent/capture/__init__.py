"""The desktop's pictures: one backend per operating system behind `base.Capture`."""
