# title: reads a file that its permissions show to everybody
# status: graded
# shows: readable.txt refused
# with: attempt
# %%
import os

attempt("readable.txt", lambda: open("@planted@/readable.txt").read())
attempt("listing", lambda: os.listdir("@planted@"))
attempt("its size", lambda: os.truncate("@planted@/readable.txt", 5))
attempt("a copy by a program", lambda: __import__("subprocess").check_output(["cat", "@planted@/readable.txt"]))
