# title: leaves a daemon, as daemons are made
# status: graded
# shows: left
# score: 1
# %%
import subprocess
import sys

fork_twice = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        os.execvp("sh", ["sh", "-c", "sleep 90; true @marker@"])
    os._exit(0)
os.wait()
"""
print(subprocess.run([sys.executable, "-c", fork_twice]).returncode, "left")
