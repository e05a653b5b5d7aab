# title: raises its own limits, and changes those of others
# status: graded
# with: attempt
# %%
import os
import resource

for name in ("RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_CORE", "RLIMIT_RTPRIO"):
    kind = getattr(resource, name)
    attempt(name, lambda: resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)) is None)
    soft, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY:
        print("REACHED no limit", name)
attempt("parent", lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3)))
