"""Arrays in files, checked when they are read, and the data kept in them."""
