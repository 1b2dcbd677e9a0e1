"""The collector: accounts, declarations, ledger and receipts, for any régime."""
