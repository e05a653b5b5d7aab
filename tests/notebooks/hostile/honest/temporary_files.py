# title: temporary files and folders
# status: graded
# shows: one two
# score: 1
# %%
import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "a"), "w") as file:
        file.write("one")
    with tempfile.NamedTemporaryFile("w+") as other, open(os.path.join(folder, "a")) as file:
        other.write("two")
        other.seek(0)
        print(file.read(), other.read())
