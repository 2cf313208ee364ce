"""The service on the brokers that people have, and a table of what it does there.

``make brokers`` installs the brokers, runs a trial on each, and writes the table into the docs.
"""
