"""The schema's history.  A revision that has been released is never changed: what comes later is a new one."""
