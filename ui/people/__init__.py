"""Who may use the app, where there are several: users with passwords, tokens of programs, their roles, an audit file."""
