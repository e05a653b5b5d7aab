# title: opens a server that others could reach
# status: graded
# with: attempt
# %%
import http.server
import socket

attempt("HTTP server", lambda: http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler))
attempt("every address", lambda: socket.create_server(("", 0)))
