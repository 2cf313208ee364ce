"""Home Assistant: the chair as one device there, by MQTT discovery.

``entities`` lists what the device has, ``discovery`` makes the one message that describes it, and
``announcer`` decides when to send it and which older messages to delete.
"""
