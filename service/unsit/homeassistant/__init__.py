"""Home Assistant: the chair as one device there, by MQTT discovery.

``entities`` says what the device has, ``discovery`` makes the one message of it, ``announcer``
decides when it is sent, and what is cleared away that an earlier one left. ``forget`` takes it all
back.
"""
