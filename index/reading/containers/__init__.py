"""Files that are read as folders: each member is a document of its own, under a path like ``archiv.zip/datei.pdf``."""
