# title: shell lines, as people write them in notebooks
# status: graded
# shows: hello from a shell
# shows: ['one']
# score: 1
# %%
!echo hello from a shell
!ls -la
files = !echo one
print(files)
