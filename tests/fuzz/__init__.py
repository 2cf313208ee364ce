"""What anybody may send, write or leave lying about, at random: it never ends the program.

``python -m fuzz --help`` says how; ``make fuzz`` runs all of it.
"""

NAMES = ("commands", "recordings", "settings", "state")
"""Of the targets."""
