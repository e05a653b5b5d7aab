# title: links to files outside, of both kinds, where others might follow them
# status: graded
# with: attempt
# %%
import os

for place in (".", os.path.expanduser("~"), os.environ.get("TMPDIR", "/tmp")):
    os.symlink("@planted@/readable.txt", os.path.join(place, "notes.txt"))
    os.symlink("@planted@", os.path.join(place, "folder"))
    os.symlink("@planted@/folder/new.txt", os.path.join(place, "executed.ipynb"))
    os.symlink("/", os.path.join(place, "everything"))
    os.symlink(os.path.join(place, "loop"), os.path.join(place, "loop"))
attempt("read by a link", lambda: open("notes.txt").read())
attempt("write by a link", lambda: open("executed.ipynb", "w").write("new"))
attempt("list by a link", lambda: os.listdir("folder"))
attempt("a second name", lambda: os.link("@planted@/writable.txt", "second.txt") is None)
attempt("a second name outside", lambda: os.link("notes.txt", "@planted@/folder/second.txt") is None)
attempt("a link outside", lambda: os.symlink("x", "@planted@/folder/link") is None)
