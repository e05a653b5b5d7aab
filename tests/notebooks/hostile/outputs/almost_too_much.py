# title: prints half of what it may
# status: graded
# shows: the first line
# shows: the last line
# score: 1
# %%
print("the first line")
for _ in range(500):
    print("x" * 1023)
print("the last line")
