"""Publish a seat over MQTT in twenty lines: gpiozero's Button and paho's thread.

python twenty_lines.py PIN PORT
"""

import sys
from signal import pause

from gpiozero import Button
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

client = Client(CallbackAPIVersion.VERSION2)
client.will_set("twenty-lines/availability", "offline", qos=1, retain=True)
client.connect("127.0.0.1", int(sys.argv[2]))
client.loop_start()

seat = Button(int(sys.argv[1]), pull_up=True)
seat.when_pressed = lambda: client.publish("twenty-lines/seat", "seated", qos=1, retain=True)
seat.when_released = lambda: client.publish("twenty-lines/seat", "empty", qos=1, retain=True)

client.publish("twenty-lines/availability", "online", qos=1, retain=True)
pause()
