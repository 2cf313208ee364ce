"""Torture: real services with real brokers, random faults, and an oracle that judges the log.

``make torture`` runs it; ``python -m torture --help`` lists the options.
"""
