# title: a large array within what it may have
# status: graded
# shows: 50000000.0
# score: 1
# %%
import numpy as np

print(np.ones(50_000_000).sum())
