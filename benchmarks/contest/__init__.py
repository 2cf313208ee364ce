"""The same seat and the same broker for several programs, and what each of them costs."""
