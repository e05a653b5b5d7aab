# title: memory files asked of the system directly
# status: graded
# shows: memfd_create refused
# shows: memfd_secret refused
# with: system
# %%
system("memfd_create", 319, 279, b"held", 0)
system("memfd_secret", 447, 447, 0)
