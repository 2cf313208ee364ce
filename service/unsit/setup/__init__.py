"""The questions of ``unsit setup``, a module for each subject, and the writing of the answers."""
