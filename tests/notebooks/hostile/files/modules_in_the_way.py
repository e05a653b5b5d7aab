# title: plants modules under the names of others, where it works
# status: graded
# shows: my own numpy
# shows: last
# score: 1
# %%
import os

names = "numpy json os re nbformat psutil zmq nbclient jupyter_client traitlets asyncio keras tensorflow keeper harness"
for name in [*names.split(), "sitecustomize", "usercustomize", "evidence", "_grader_inside", "client", "job"]:
    with open(name + ".py", "w") as file:
        file.write("print('my own', __name__)\nraise SystemExit(3)\n" if name != "numpy" else "print('my own numpy')\n")
    os.makedirs(f"{name}.dist-info", exist_ok=True)
# %%
import subprocess
import sys

print(subprocess.run([sys.executable, "-c", "import numpy"], capture_output=True, text=True))
# %%
print("last")
