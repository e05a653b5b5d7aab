# title: lowers its own limits until nothing works
# status: graded notebook_error kernel_died out_of_memory timeout
# %%
import resource

for name in ("RLIMIT_NOFILE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_NPROC", "RLIMIT_FSIZE"):
    resource.setrlimit(getattr(resource, name), (1, 1))
# %%
held = b"x" * 2**24
