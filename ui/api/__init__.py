"""The HTTP interface for programs: the OpenAI protocol under ``/v1``, and the project's own JSON under ``/api``."""
