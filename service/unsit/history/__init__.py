"""History: all events of a chair on disk, and the stretches, bouts and unknown times in them.

A reader needs ``store.History``. ``derived`` says what the rows mean, ``compact`` how an event is
stored, ``shelving`` how events get here, and ``transfer`` how they leave and return.
"""
