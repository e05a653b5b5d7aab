# title: asks for other users, groups and capabilities
# status: graded
# with: attempt
# with: system
# %%
assert os.getuid() != 0 and os.geteuid() != 0
attempt("setuid", lambda: os.setuid(0) is None)
attempt("setgid", lambda: os.setgid(0) is None)
attempt("setgroups", lambda: os.setgroups([0]) is None)
attempt("setresuid", lambda: os.setresuid(0, 0, 0) is None)
lines = dict(line.split(":\t") for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    if int(lines[name], 16):
        print("REACHED", name, lines[name])
call("ambient", libc.prctl, 47, 2, 21, 0, 0)
