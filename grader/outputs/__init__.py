"""What a run leaves for people and for other systems: one module a format, each from the same grades."""
