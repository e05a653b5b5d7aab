# title: a server and a client of its own, in its own folder
# status: graded
# shows: an answer
# %%
import socket

one, other = socket.socketpair()
one.send(b"an answer")
print(other.recv(100).decode())
