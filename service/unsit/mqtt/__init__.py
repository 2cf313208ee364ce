"""Everything about the broker: topics, messages, the outbox, and the connection.

The chair works without any of it; nothing here can delay the buzzer.
"""
