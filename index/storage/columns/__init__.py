"""Arrays in files, checked where they are read, and what is kept in them."""
