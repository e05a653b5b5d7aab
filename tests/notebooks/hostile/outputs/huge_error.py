# title: raises an error with fifty megabytes of message
# status: notebook_error output_limit
# score: 0
# %%
raise ValueError("x" * (50 * 2**20))
