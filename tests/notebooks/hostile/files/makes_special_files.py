# title: makes devices, pipes and sockets outside and devices inside
# status: graded
# with: attempt
# %%
import os
import socket
import stat

attempt("a pipe outside", lambda: os.mkfifo("@planted@/folder/pipe") is None)
attempt("a socket outside", lambda: socket.socket(socket.AF_UNIX).bind("@planted@/folder/socket") is None)
attempt("memory as a device", lambda: os.mknod("memory", 0o666 | stat.S_IFCHR, os.makedev(1, 1)) is None)
attempt("a disk as a device", lambda: os.mknod("disk", 0o666 | stat.S_IFBLK, os.makedev(254, 0)) is None)
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
