# title: quits the kernel
# status: kernel_died graded
# %%
exit()
# %%
import time

time.sleep(3)
print("after")
