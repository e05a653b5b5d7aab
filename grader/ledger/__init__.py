"""Every finished grade, on the disk the moment it exists: one SQLite file in the folder of the results.

A `put` that has returned survives `kill -9` and a power cut: each is a transaction of its own, and with
`synchronous=FULL` SQLite's write-ahead log is brought to the disk before the transaction counts as done. That
costs one fsync a grade, less than a millisecond on an SSD and some ten on a turning disk: little beside running
a notebook. A power cut while `put` is at work loses at most the one grade. (A disk that says it has written what it
has not is beyond anybody's power.)

The file stays locked while a ledger is open. The lock is SQLite's own, held by this process and given up by
the system when it ends, however it ends; a forked child does not inherit it, so a process that outlives a killed
grader never stands in the way of the next. Do not open the file by other means in the same process: closing
it would give up the lock.

`entry` is what is kept of a grade, `store` the file, `trouble` what SQLite's errors mean to a person.
"""

from grader.ledger.entry import Entry, Kept, entry_of, unpacked
from grader.ledger.store import Ledger

__all__ = ["Entry", "Kept", "Ledger", "entry_of", "unpacked"]
