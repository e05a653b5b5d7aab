# title: magics of the notebook
# status: graded
# shows: after
# score: 1
# %%
%matplotlib inline
%timeit -n 1 -r 1 sum(range(100))
%env COLOUR=red
%cd .
%pwd
%who
# %%
%%time
print("after")
# %%
%%capture captured
print("captured")
# %%
%%writefile module_of_mine.py
value = 7
# %%
import module_of_mine

print(module_of_mine.value)
