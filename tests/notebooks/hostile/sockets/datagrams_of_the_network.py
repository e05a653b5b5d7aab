# title: sends datagrams, and asks for names
# status: graded
# with: attempt
# %%
import socket

query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07hostile\x07invalid\x00\x00\x01\x00\x01"
attempt("UDP", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"@name@", ("127.0.0.1", @udp@)))
attempt("DNS", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(query, ("127.0.0.1", @udp@)))
attempt("a name", lambda: socket.getaddrinfo("hostile.invalid", 80))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).sendto(query, ("127.0.0.1", 0)))
