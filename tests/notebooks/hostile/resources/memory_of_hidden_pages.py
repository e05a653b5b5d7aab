# title: programs that may be run but not read, whose pages cannot be counted
# status: out_of_memory
# status[landlock]: out_of_memory graded
# %%
import os
import shutil
import subprocess
import time

shutil.copyfile("/usr/bin/tail", "hidden")
os.chmod("hidden", 0o111)
for _ in range(3):
    subprocess.Popen("head -c 400000000 /dev/zero | ./hidden -c 390000000 | sleep 30", shell=True)
time.sleep(8)
