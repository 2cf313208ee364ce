"""Checks of everything that a chair needs; each fault comes with its fix.

Each module checks one subject and yields findings. A check never takes a pin, a bus or a file from
a running service.
"""
