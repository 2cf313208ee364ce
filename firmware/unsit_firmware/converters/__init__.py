"""Converters of load cells: HX711 over pins or SPI, NAU7802 over I2C, and the kernel's IIO.

All read in one way, see ``reading.Converter``. Import the one you have: each needs its own library.
"""
