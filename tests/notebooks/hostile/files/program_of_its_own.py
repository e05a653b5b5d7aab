# title: copies a program, marks it to run as its owner, and runs it
# status: graded
# %%
import os
import shutil
import subprocess

shutil.copyfile("/usr/bin/id", "own")
os.chmod("own", 0o6755)
try:
    shown = subprocess.run(["./own"], capture_output=True, text=True).stdout
    print(shown)
    if "uid=0" in shown:
        print("REACHED root")
except OSError as error:
    print("refused:", error)
