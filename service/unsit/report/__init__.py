"""Reports of the history: days, measures, and one renderer for each output."""
