"""Pages for people in Chromium: one browser for all tests of this folder."""
