"""The composition root: puts pins, core, clock and broker together.

The only package of the service that knows the hardware package.
"""
