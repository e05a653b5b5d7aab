# title: lets the system forget its children, and its output with them
# status: graded
# shows: after
# %%
import signal
import subprocess

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print(subprocess.run(["true"]).returncode)
# %%
print("after")
