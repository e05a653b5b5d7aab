# title: prints three times what it may, and ends
# status: output_limit
# shows: the first line
# shows: the last line
# %%
print("the first line")
for _ in range(3000):
    print("x" * 1023)
print("the last line")
