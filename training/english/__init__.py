"""The reader of facts learns to read English questions as it reads German ones."""
