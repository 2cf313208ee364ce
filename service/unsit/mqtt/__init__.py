"""MQTT: topics, messages, the outbox, and the link to the broker.

The chair works without a broker, and nothing here delays the buzzer.
"""
