# title: copies files with their permissions, as shutil does
# status: graded
# shows: copied
# score: 1
# %%
import os
import shutil
import tarfile
import zipfile

with open("a.txt", "w") as file:
    file.write("one")
os.chmod("a.txt", 0o600)
os.utime("a.txt", (1_000_000_000, 1_000_000_000))
shutil.copy2("a.txt", "b.txt")
with tarfile.open("t.tar", "w") as archive:
    archive.add("a.txt", "c.txt")
with tarfile.open("t.tar") as archive:
    archive.extractall(".")
with zipfile.ZipFile("z.zip", "w") as archive:
    archive.write("b.txt")
assert open("b.txt").read() == open("c.txt").read() == "one"
print("copied")
