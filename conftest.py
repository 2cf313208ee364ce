"""Fixtures of all tests, in tests/ and in qa/."""

pytest_plugins = ["support.fixtures"]
