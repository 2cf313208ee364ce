"""What makes the core run: clocks, the loop that decides, and the words for what happened."""
