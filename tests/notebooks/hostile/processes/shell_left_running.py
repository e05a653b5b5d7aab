# title: leaves what a shell line put into the background
# status: graded
# shows: left
# %%
!(sh -c 'sleep 90; true @marker@' > /dev/null 2>&1 &)
# %%
print("left")
