# title: threads that work together
# status: graded
# shows: 285
# score: 1
# %%
import threading

squares = []
threads = [threading.Thread(target=lambda n=n: squares.append(n * n)) for n in range(10)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(squares))
