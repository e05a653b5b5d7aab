# title: calls itself without end
# status: notebook_error
# limits: roomy
# says: RecursionError
# score: 0
# %%
def again(number):
    return again(number + 1)


again(0)
