# title: runs programs and reads what they print
# status: graded
# shows: hello from a program
# shows: 4
# score: 1
# %%
import subprocess
import sys

print(subprocess.run(["echo", "hello from a program"], capture_output=True, text=True, check=True).stdout)
print(subprocess.check_output([sys.executable, "-c", "import numpy; print(numpy.add(2, 2))"], text=True))
print(subprocess.run("ls | wc -l; uname; date; nproc; df . | tail -1", shell=True, capture_output=True, text=True).stdout)
