# title: asks for a socket of every family there is
# status: graded
# shows: only the one
# with: attempt
# %%
import socket

for family in (number for number in range(64) if number != socket.AF_UNIX):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind)
        except OSError:
            continue
        print("REACHED family", family, kind)
print("only the one")
