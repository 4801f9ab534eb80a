"""Work: time spent for customers, from sessions and by hand, and the charge that rating makes of it."""
