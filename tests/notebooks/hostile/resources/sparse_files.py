# title: sparse files that say they hold gigabytes, and hold nothing
# status: graded
# shows: nothing in them
# %%
for number in range(50):
    with open(f"sparse-{number}", "wb") as file:
        file.truncate(60 * 2**20)
print("nothing in them")
