"""One notebook, checked by whoever wrote it: before it runs, then by a run, then told in the form that is wanted.

`static` says what the source alone tells, `running` what came of the run, both as one `Report`; `formats` write it
down. `live` finds the notebook of a live session, `notebook` has it checked from there, by a process of its own.
"""
