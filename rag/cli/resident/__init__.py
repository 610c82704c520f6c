"""
A process that stays running, so that the models need not be loaded for each question from a shell.

The client sends the words of the command and describes its terminal; the resident process runs the very same command
and sends back what it prints. So both ways print the same. The client imports little, and only what comes with Python.
"""
