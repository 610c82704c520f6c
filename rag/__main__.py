"""`python -m rag` is the `rag` command."""

from rag.cli.entry import command

if __name__ == "__main__":
    command()
