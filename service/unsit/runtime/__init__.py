"""Runtime: clocks, the loop and its schedule, the decider, records, and the state file."""
