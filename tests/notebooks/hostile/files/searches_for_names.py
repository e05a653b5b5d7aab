# title: walks through all that can be seen, looking for a name
# status: graded
# shows: looked through
# %%
import os
import time

until, looked = time.monotonic() + 4, 0
for top in ("/tmp", "/var", "/home", "/root", "/run", "/dev", "/etc", "/opt", "/srv", "/mnt", "/work", "/"):
    for folder, folders, files in os.walk(top):
        looked += 1
        for name in folders + files:
            if "@needle@" in name:
                print("REACHED", folder, name)
        if folder == "/":
            folders[:] = [name for name in folders if name not in ("proc", "sys", "usr")]
        if time.monotonic() > until:
            break
print("looked through", looked)
