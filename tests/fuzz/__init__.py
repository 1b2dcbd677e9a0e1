"""What nobody means to send, sent."""
