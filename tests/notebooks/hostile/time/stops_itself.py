# title: stops itself, so that it neither runs nor ends
# status: timeout
# %%
import os
import signal
import subprocess

subprocess.Popen(["sh", "-c", f"sleep 90; kill -CONT {os.getpid()}"])  # so that it ends in any case
os.kill(os.getpid(), signal.SIGSTOP)
