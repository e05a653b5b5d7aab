# title: turns the folder that it shares with the harness into a file
# status: graded kernel_died
# shows: spoilt
# %%
import os
import shutil

print("spoilt", flush=True)
shutil.rmtree("../run", ignore_errors=True)
open("../run", "w").write("a file")
