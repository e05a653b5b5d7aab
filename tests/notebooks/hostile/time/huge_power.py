# title: one multiplication of huge numbers, which no signal interrupts
# status: timeout out_of_memory
# %%
import signal

signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.alarm(100)  # ends it where nothing else does
number = 9**9**8
number = number * number * number * number * number * number * number * number
