"""Pages that the broker serves: the web console's files, the guided download, the terms, the report form."""
