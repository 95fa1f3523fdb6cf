"""Where hall, wings and machine meet: Protocols and the values they pass."""
