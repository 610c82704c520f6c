"""What stands before the page: addresses, passwords, rates, bodies, connections, owners."""
