"""Autograder for notebooks in which students train neural networks."""

__version__ = "0.1.0"
