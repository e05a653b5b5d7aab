# title: a program that writes to what it inherits
# status: graded output_limit
# %%
import subprocess

subprocess.run("yes | head -c 100000000", shell=True)
