# title: sends datagrams to sockets of the host
# status: graded
# with: attempt
# %%
import socket

attempt("by path", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"@name@", "@datagram@"))
attempt("by name", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"@name@", "\0@abstract@-datagram"))
ends = None


def pair():
    global ends
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return ends[0].sendto(b"@name@", "@datagram@")


attempt("by a pair", pair)
