# title: asks for input
# status: notebook_error
# says: StdinNotImplementedError
# score: 0
# %%
answer = input("your name? ")
