# title: folders in folders, deeper than a path can be long
# status: graded disk_limit
# %%
import os

for number in range(150):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
open("the last one", "w").close()
