# title: a loop that ignores every signal and every exception
# status: timeout
# shows: deaf
# %%
import signal
import time

until = time.monotonic() + 100
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
print("deaf")
while time.monotonic() < until:
    try:
        while time.monotonic() < until:
            pass
    except BaseException:
        pass
