# title: a hundred files at once
# status: graded
# shows: 100
# score: 1
# %%
files = [open(f"file-{number}", "w") for number in range(100)]
for file in files:
    file.close()
print(len(files))
