# title: makes itself unreadable to the one that watches over it
# status: graded
# shows: dumpable refused
# with: system
# %%
call("dumpable", libc.prctl, 4, 0, 0, 0, 0)
libc.prctl(15, b") Z 1 1 1 0\n(", 0, 0, 0)
print(open("/proc/self/stat").read())
