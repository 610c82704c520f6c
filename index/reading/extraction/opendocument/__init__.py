"""Extract the visible text of OpenDocument files (.odt, .ods, .odp): not what is hidden, struck out or deleted."""
