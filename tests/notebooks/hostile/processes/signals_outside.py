# title: signals, stops and slows a process of somebody else
# status: graded
# with: attempt
# %%
import os
import resource
import signal

attempt("signal", lambda: os.kill(@victim@, signal.SIGTERM) is None)
attempt("stop", lambda: os.kill(@victim@, signal.SIGSTOP) is None)
attempt("group", lambda: os.killpg(@victim@, signal.SIGTERM) is None)
attempt("limits", lambda: resource.prlimit(@victim@, resource.RLIMIT_CPU, (1, 1)))
