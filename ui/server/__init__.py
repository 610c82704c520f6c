"""The checks in front of the page: addresses, passwords, rates, bodies, connections, owners."""
