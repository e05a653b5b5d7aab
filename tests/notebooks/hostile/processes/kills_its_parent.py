# title: kills the process that drives it
# status: graded
# status[old]: graded no_evidence
# shows: parent refused
# shows[old]:
# with: attempt
# score: 1
# score[old]:
# %%
import os
import signal

attempt("parent", lambda: os.kill(os.getppid(), signal.SIGKILL) is None)
attempt("first process", lambda: os.getpid() != 1 and os.kill(1, signal.SIGKILL) is None)
