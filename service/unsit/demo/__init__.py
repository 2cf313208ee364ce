"""The demo: the main job on a simulated chair, over a real broker, to watch."""
