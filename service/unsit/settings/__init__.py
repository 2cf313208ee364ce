"""Settings of a chair: the flags override the environment, which overrides one file."""
