# title: kills all that it may kill
# status: graded kernel_died
# with: attempt
# %%
import os
import signal

# Where it is not confined, that would be all that its user runs: then it is only told.
if not attempt("a process outside", lambda: os.kill(@victim@, 0) is None):
    attempt("its parent", lambda: os.kill(os.getppid(), 0) is None)
    print("everything", flush=True)
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError as error:
        print("refused:", error)
