# title: asks for the machine, the user, the time and its own process
# status: graded
# shows: after
# score: 1
# %%
import datetime
import locale
import multiprocessing
import os
import platform
import socket
import sys
import time
import uuid

print(platform.platform(), platform.node(), socket.gethostname(), os.cpu_count(), multiprocessing.cpu_count())
print(os.getcwd(), os.getpid(), os.getloadavg(), os.sched_getaffinity(0), sys.executable, sys.version)
print(datetime.datetime.now(), time.tzname, locale.getlocale(), uuid.uuid4(), os.urandom(4), os.uname())
print(open("/proc/meminfo").readline(), open("/proc/cpuinfo").readline(), open("/proc/self/status").readline())
print("after")
