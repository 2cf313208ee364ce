"""The settings: one file, over it the environment, over it the flags; frozen once read."""
