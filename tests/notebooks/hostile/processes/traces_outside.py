# title: attaches to a process of somebody else
# status: graded
# with: system
# %%
call("attach", libc.ptrace, 0x4206, @victim@, None, None)
call("trace me", libc.ptrace, 0, 0, None, None)
