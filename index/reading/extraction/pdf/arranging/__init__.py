"""What stands on a page put in the order in which it is read."""
