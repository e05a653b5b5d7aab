# title: one file beyond the largest size
# status: disk_limit notebook_error
# score: 0
# %%
with open("large", "wb") as file:
    for _ in range(300):
        file.write(b"x" * 2**20)
