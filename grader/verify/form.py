"""What the quick form makes do with."""

from __future__ import annotations

SAMPLES = 384  # of each array of the data
SEEDS = 4
THREADS = 1  # small trainings gain more from running beside each other than from threads of their own
MUTANTS = 3  # of each mistake, at most
FURTHER_MUTANTS = 1  # the same, of references beyond a part's first: most of their criteria are the same ones
