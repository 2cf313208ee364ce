"""Fuzzing: random commands, recordings, settings, state files and contacts of mats.

None of them ends the program.

``make fuzz`` runs every target; ``python -m fuzz --help`` lists the options.
"""

NAMES = ("commands", "recordings", "settings", "state", "contacts")
"""Names of the targets."""
