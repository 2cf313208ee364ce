"""Publish a seat over MQTT with nothing between the kernel and the client: libgpiod and paho.

python floor.py PIN PORT

No program in Python that uses these libraries can be faster, so its figures show what the machine
itself takes, and their spread how noisy it is.
"""

import sys

import gpiod
from gpiod.line import Bias, Edge
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

pin, port = int(sys.argv[1]), int(sys.argv[2])
client = Client(CallbackAPIVersion.VERSION2)
client.connect("127.0.0.1", port)
client.loop_start()
client.publish("floor/availability", "online", qos=1)

seat = gpiod.LineSettings(edge_detection=Edge.BOTH, bias=Bias.PULL_UP)
with gpiod.request_lines("/dev/gpiochip0", {pin: seat}, "floor") as lines:
    while True:
        for event in lines.read_edge_events():
            seated = event.event_type is event.Type.FALLING_EDGE
            client.publish("floor/seat", "seated" if seated else "empty", qos=0)
