"""Demo: a scripted morning on a simulated chair, published over a real broker."""
