# title: System V shared memory, semaphores and queues
# status: graded
# shows: shmget refused
# shows: semget refused
# shows: msgget refused
# with: system
# %%
segment = call("shmget", libc.shmget, 0, 64 * 2**20, 0o1600)
semaphore = call("semget", libc.semget, 0, 1, 0o1600)
queue = call("msgget", libc.msgget, 0, 0o1600)
if segment >= 0:
    libc.shmctl(segment, 0, None)
if semaphore >= 0:
    libc.semctl(semaphore, 0, 0)
if queue >= 0:
    libc.msgctl(queue, 0, None)
