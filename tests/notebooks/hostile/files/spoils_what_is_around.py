# title: removes all that it can remove, and puts folders and links in its place
# status: graded kernel_died
# shows: spoilt
# %%
import os
import shutil

print("spoilt", flush=True)
root = os.path.dirname(os.getcwd())
for name in os.listdir(root):
    path = os.path.join(root, name)
    shutil.rmtree(path, ignore_errors=True)
    try:
        os.symlink("@planted@", path)
    except OSError:
        os.makedirs(os.path.join(path, "evidence.json", "executed.ipynb"), exist_ok=True)
