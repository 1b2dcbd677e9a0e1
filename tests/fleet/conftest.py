"""The Chromium of the browser tests serves here too."""

from tests.browser.conftest import chromium_path

__all__ = ["chromium_path"]
