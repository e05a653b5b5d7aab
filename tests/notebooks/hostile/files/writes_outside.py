# title: writes to files and folders that everybody may write
# status: graded
# shows: append refused
# with: attempt
# %%
import os
import shutil

attempt("append", lambda: open("@planted@/writable.txt", "a").write("changed"))
attempt("replace", lambda: open("@planted@/writable.txt", "w").write("changed"))
attempt("truncate", lambda: os.truncate("@planted@/writable.txt", 1) is None)
attempt("create", lambda: open("@planted@/folder/new.txt", "x").write("new"))
attempt("mkdir", lambda: os.mkdir("@planted@/folder/new") is None)
attempt("remove", lambda: os.remove("@planted@/folder/inside.txt") is None)
attempt("rename", lambda: os.rename("@planted@/folder/inside.txt", "@planted@/folder/renamed.txt") is None)
attempt("move away", lambda: shutil.move("@planted@/folder/inside.txt", "mine.txt"))
attempt("remove all", lambda: shutil.rmtree("@planted@/folder"))
attempt("fallocate", lambda: os.posix_fallocate(os.open("@planted@/writable.txt", os.O_WRONLY), 0, 10) is None)
