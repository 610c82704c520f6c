"""Text out of OpenDocument files (.odt, .ods, .odp), as one sees it: not what is hidden, struck out or deleted."""
