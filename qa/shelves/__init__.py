"""Kills, full disks and torn pages against a service that moves its events to the history."""
