"""What the app keeps on the device: last known state, drafts, declarations signed offline."""
