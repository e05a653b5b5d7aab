# title: takes all permissions from its folders
# status: graded
# shows: closed
# %%
import os

os.makedirs("a/b/c/d")
open("a/b/c/d/file\nwith\x1bname", "w").close()
open(os.fsencode("a/b/") + b"\xff\xfe", "w").close()
open("a/b/-rf", "w").close()
for folder in ("a/b/c/d", "a/b/c", "a/b", "a", "../home", "../tmp", "../run", "../work", ".."):
    try:
        os.chmod(folder, 0)
    except OSError as error:
        print(folder, "refused:", type(error).__name__)
print("closed")
