# title: waits for a program that does not end
# status: timeout
# %%
import subprocess

subprocess.run(["sleep", "100"])
