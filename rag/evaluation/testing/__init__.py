"""Questions of a set as tests."""
