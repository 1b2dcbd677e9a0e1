"""Scripts of the workshop; nothing here ships."""
