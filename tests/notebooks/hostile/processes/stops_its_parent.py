# title: stops the process that drives it
# status: graded
# status[old]: graded timeout no_evidence
# with: attempt
# %%
import os
import signal

attempt("parent", lambda: os.kill(os.getppid(), signal.SIGSTOP) is None)
attempt("first process", lambda: os.getpid() != 1 and os.kill(1, signal.SIGSTOP) is None)
