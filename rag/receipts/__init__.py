"""Check without models whether an answer's quotes stand where it says, and write an answer as a file to keep."""

from rag.receipts.checking import check
from rag.receipts.claims import Claim
from rag.receipts.files import Files
from rag.receipts.page import receipt
from rag.receipts.reading import read
from rag.receipts.types import Found, Report, Sources

__all__ = ["Claim", "Files", "Found", "Report", "Sources", "check", "read", "receipt"]
