# title: comes after the one that plants, and finds nothing of it
# status: graded
# shows: nothing is left
# score: 1
# %%
import os

for folder, folders, files in os.walk(os.path.expanduser("~")):
    for name in files:
        if "planted" in name or name in ("usercustomize.py", ".bashrc"):
            print("REACHED", folder, name)
import numpy

assert "dist-packages" in numpy.__file__ or "site-packages" in numpy.__file__
print("nothing is left")
