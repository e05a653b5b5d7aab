# title: calls that only administrators have a use for
# status: graded
# shows: bpf refused
# with: system
# %%
space = ctypes.create_string_buffer(256)
system("bpf", 321, 280, 0, space, 128)
system("perf_event_open", 298, 241, space, 0, -1, -1, 0)
system("add_key", 248, 217, b"user", b"@marker@", b"x", 1, -1)
system("keyctl", 250, 219, 0, -3, 1)
system("request_key", 249, 218, b"user", b"@marker@", None, 0)
system("kexec_load", 246, 104, 0, 0, None, 0)
system("init_module", 175, 105, space, 0, b"")
system("finit_module", 313, 273, -1, b"", 0)
system("syslog", 103, 116, 3, space, 16)
system("acct", 163, 89, b"/tmp/none")
system("swapon", 167, 224, b"/tmp/none", 0)
system("quotactl", 179, 60, 0, None, 0, None)
system("sethostname", 170, 161, b"hostile", 7)
system("setdomainname", 171, 162, b"hostile", 7)
system("vhangup", 153, 58)
system("clock_settime", 227, 112, 0, None)
system("settimeofday", 164, 170, None, None)
system("lookup_dcookie", 212, 18, 0, space, 16)
system("name_to_handle_at", 303, 264, -100, b"/", space, space, 0)
if X86:
    system("iopl", 172, 0, 3)
    system("ioperm", 173, 0, 0, 8, 1)
    system("modify_ldt", 154, 0, 1, space, 16)
system("personality", 135, 92, 0x0040000)
