"""Kills, full disks, losses of power and worn pages while events move to the history."""
