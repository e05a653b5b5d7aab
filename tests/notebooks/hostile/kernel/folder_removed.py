# title: removes the folder in which it stands
# status: graded
# shows: after
# score: 1
# %%
import os
import tempfile

folder = tempfile.mkdtemp()
os.chdir(folder)
os.rmdir(folder)
# %%
print("after")
