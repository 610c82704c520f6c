"""Files that hold files: archives, books, mails."""
