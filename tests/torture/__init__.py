"""Chairs under torture: real programs, a real broker, faults at random, and an oracle of their own.

``python -m torture --help`` says how; ``make torture`` runs it.
"""
