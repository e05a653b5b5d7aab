"""Printed text to structure: pure functions that take any text at all, never raise, and need linear time."""
