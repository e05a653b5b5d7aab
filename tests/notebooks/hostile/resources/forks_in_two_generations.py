# title: children that fork children of their own
# status: process_limit graded
# %%
import os
import time


def child():
    try:
        for _ in range(@too_many@ // 20):
            if os.fork() == 0:
                break  # a grandchild only sleeps
        time.sleep(30)
    finally:
        os._exit(0)


try:
    for _ in range(20):
        if os.fork() == 0:
            child()
except OSError as error:
    print("refused:", error)
time.sleep(5)
