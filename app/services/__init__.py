"""What screens lean on: the backend client, the session, drafts, rates, settings."""
