# title: reads the same file by the roads of /proc
# status: graded
# with: attempt
# %%
import os

for road in (
    "/proc/self/root",
    "/proc/self/cwd/../../../../../../../..",
    "/proc/thread-self/root",
    "/proc/1/root",
    "/proc/1/cwd/../../../../../../..",
    f"/proc/{os.getppid()}/root",
    "/../../..",
    "../../../../../../../../../..",
    "/dev/fd/../../..",
    "/sys/../",
    "/old_root",
    "/.",
):
    attempt(road, lambda: open(road + "@planted@/readable.txt").read())
