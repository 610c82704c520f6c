"""Count pictures that may hold text: they are not read, and the user is told how many there are."""
