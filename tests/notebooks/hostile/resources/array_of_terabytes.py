# title: asks NumPy for more than any machine has
# status: out_of_memory
# says: MemoryError
# %%
import numpy as np

np.ones(10**13)
