"""Helpers of the tests; tests/README.md has a table of them."""
