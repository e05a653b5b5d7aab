# title: leaves daemons that start new ones when they are ended
# status: graded
# shows: left
# score: 1
# %%
import os
import subprocess
import time

watch = """
import os, subprocess, sys, time
until = time.monotonic() + 60
left = int(sys.argv[1])
while time.monotonic() < until and left > 0:
    child = subprocess.Popen(["sh", "-c", "sleep 60; true @marker@"], start_new_session=True)
    child.wait()
    left -= 1
"""
import sys

for _ in range(5):
    subprocess.Popen([sys.executable, "-c", watch, "20", "@marker@"], start_new_session=True)
time.sleep(1)
print("left")
