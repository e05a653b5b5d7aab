# title: writes to /tmp by its name
# status: graded
# status[landlock]: graded notebook_error
# shows: kept
# shows[landlock]:
# %%
with open("/tmp/model.txt", "w") as file:
    file.write("kept")
print(open("/tmp/model.txt").read())
