# title: connects to a server on this machine
# status: graded
# with: attempt
# %%
import socket
import urllib.request


def talk(address):
    connection = socket.create_connection((address, @port@), timeout=3)
    connection.send(b"@name@")
    return connection.recv(100)


attempt("TCP", lambda: talk("127.0.0.1"))
attempt("TCP, by name", lambda: talk("localhost"))
attempt("TCP, version 6", lambda: talk("::ffff:127.0.0.1"))
attempt("HTTP", lambda: urllib.request.urlopen("http://127.0.0.1:@port@/@name@", timeout=3).read(100))
attempt("bash", lambda: __import__("subprocess").check_output(["bash", "-c", "echo @name@ > /dev/tcp/127.0.0.1/@port@"]))
