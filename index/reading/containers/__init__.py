"""Files that are read as folders: what is in them is read by itself, under paths like ``archiv.zip/ordner/datei.pdf``."""
