# title: takes memory until there is none, frees it and goes on
# status: graded
# shows: refused
# shows: went on
# score: 1
# %%
held = []
try:
    for _ in range(60):
        held.append(b"x" * (50 * 2**20))
except MemoryError:
    print("refused")
held.clear()
# %%
print("went on")
