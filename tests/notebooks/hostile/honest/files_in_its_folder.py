# title: writes, reads, lists and removes files in its folder
# status: graded
# shows: ['a.txt', 'b']
# score: 1
# %%
import os
import pathlib
import shutil

pathlib.Path("a.txt").write_text("one\n")
os.makedirs("b/c")
shutil.copy("a.txt", "b/c")
shutil.copytree("b", "d")
os.rename("d", "e")
shutil.rmtree("e")
assert pathlib.Path("b/c/a.txt").read_text() == "one\n"
print([name for name in sorted(os.listdir()) if name in ("a.txt", "b", "d", "e")])
