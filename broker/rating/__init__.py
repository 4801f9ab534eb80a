"""Rating: from work done to charges, each explained.  Pure: no clock, no database, no network."""
