# title: asks the system itself for sockets, also in pairs and for 32 bits
# status: graded
# shows: AF_INET refused
# shows: AF_VSOCK refused
# with: system
# %%
call("AF_INET", libc.socket, 2, 1, 0)
call("AF_INET with flags", libc.socket, 2, 1 | 0o2000000 | 0o4000, 0)
call("AF_INET6", libc.socket, 10, 2, 0)
call("AF_NETLINK", libc.socket, 16, 3, 0)
call("AF_PACKET", libc.socket, 17, 3, 0)
call("AF_ALG", libc.socket, 38, 5, 0)
call("AF_VSOCK", libc.socket, 40, 1, 0)
call("a pair", libc.socketpair, 2, 1, 0, (ctypes.c_int * 2)())
system("high half", 41, 198, ctypes.c_uint64((1 << 32) + 2), 1, 0)
