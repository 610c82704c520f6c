"""Several users of the app: users with passwords, tokens of programs, their roles, an audit file."""
