"""A server beyond the machine: prints "from ADDRESS" for each connection to port 443, and passes its bytes on to another server. Ends when its standard input does.

usage: relay.py ADDRESS     whom to pass bytes on to, port 443
"""
import os
import socket
import sys
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        target.close()


def relay(client, address):
    print("from", address[0].removeprefix("::ffff:"), flush=True)
    upstream = socket.create_connection((sys.argv[1], 443))
    threading.Thread(target=pump, args=(client, upstream), daemon=True).start()
    pump(upstream, client)


def accept():
    server = socket.create_server(("", 443), family=socket.AF_INET6, dualstack_ipv6=True)
    print("listening", flush=True)
    while True:
        threading.Thread(target=relay, args=server.accept(), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
os._exit(0)
