# title: connects to a socket of the host by its abstract name
# status: graded
# with: attempt
# %%
import socket


def talk():
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(3)
    connection.connect("\0@abstract@")
    connection.send(b"@name@")
    return connection.recv(100)


attempt("abstract", talk)
