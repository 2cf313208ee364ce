"""Looks at everything that a chair needs and names what is wrong, with its mend.

Each module looks at one subject and yields findings. Nothing here takes a pin, a bus or a file from
a service that runs.
"""
