"""Builds the pocket: the same app as a static folder that runs in a browser, network or not."""
