"""What the simulation watches: requests at the door, the wire, the store, the scene at the end."""
