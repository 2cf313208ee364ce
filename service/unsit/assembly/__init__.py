"""Composition root: connects pins, core, clock, state file and broker.

This is the only package of the service that imports the hardware package.
"""
