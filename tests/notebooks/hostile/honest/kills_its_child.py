# title: ends the program that it started
# status: graded
# shows: -15
# score: 1
# %%
import subprocess

child = subprocess.Popen(["sleep", "60"])
child.terminate()
print(child.wait())
