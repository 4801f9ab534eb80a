"""Input given to the desktop: one backend per operating system behind `base.Injector`."""
