"""Documents for people: receipts as accessible PDF files."""
