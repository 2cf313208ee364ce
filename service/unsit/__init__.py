"""unsit: the chair that gets you up. The service around the sensor."""
