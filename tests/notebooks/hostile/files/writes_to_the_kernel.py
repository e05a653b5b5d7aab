# title: writes to /proc and /sys
# status: graded
# with: attempt
# %%
import glob

for path in (
    "/proc/self/oom_score_adj",
    "/proc/sysrq-trigger",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/hostname",
    "/proc/sys/vm/overcommit_memory",
    "/sys/kernel/uevent_helper",
    "/sys/fs/cgroup/cgroup.procs",
    "/proc/self/uid_map",
    "/proc/self/attr/current",
):
    attempt(path, lambda: open(path, "r+b").write(b"-1000") if path.endswith("adj") else open(path, "r+b"))
for path in glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True)[:50]:
    attempt(path, lambda: open(path, "r+b"))
