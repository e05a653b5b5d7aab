# title: connects to a socket of the host by its path
# status: graded
# with: attempt
# %%
import os
import socket


def talk(kind, path):
    connection = socket.socket(socket.AF_UNIX, kind)
    connection.settimeout(3)
    connection.connect(path)
    connection.send(b"@name@")
    return connection.recv(100)


attempt("stream", lambda: talk(socket.SOCK_STREAM, "@socket@"))
attempt("datagram", lambda: talk(socket.SOCK_DGRAM, "@datagram@"))
os.symlink("@socket@", "link")
attempt("by a link", lambda: talk(socket.SOCK_STREAM, "link"))
attempt("by a short road", lambda: talk(socket.SOCK_STREAM, "/proc/self/root@socket@"))
for path in ("/run/docker.sock", "/run/dbus/system_bus_socket", "/dev/log", "/run/systemd/private", "/tmp/.X11-unix/X0"):
    attempt(path, lambda: talk(socket.SOCK_STREAM, path))
