"""
A process that stays, so that the models need not be loaded for each question from a shell.

The client sends the words of the command and what its terminal is; the resident process runs the very same command and
sends back what it prints. So both ways print the same. What the client imports is little and comes with Python.
"""
