"""Questions of an evaluation set as tests."""
