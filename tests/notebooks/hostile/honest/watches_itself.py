# title: asks psutil about its own process and the machine
# status: graded
# shows: after
# score: 1
# %%
import psutil

me = psutil.Process()
print(me.memory_info().rss > 0, me.num_threads() > 0, psutil.virtual_memory().total > 0, psutil.cpu_count())
print("after")
