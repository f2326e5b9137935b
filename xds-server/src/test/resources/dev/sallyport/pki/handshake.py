"""A TLS handshake in memory: handshake.py strict|lenient CA LEAF KEY HOST. Exits 0 when the client accepts the server."""

import ssl
import sys

mode, ca, leaf, key, host = sys.argv[1:]

server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server_context.load_cert_chain(leaf, key)

client_context = ssl.create_default_context(cafile=ca)
# What Python 3.13 has by default; before 3.13 neither is on.
strict = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
if mode == "strict":
    client_context.verify_flags |= strict
else:
    client_context.verify_flags &= ~strict

to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
server = server_context.wrap_bio(to_server, to_client, server_side=True)

pending = [client, server]
while pending:
    for side in list(pending):
        try:
            side.do_handshake()
            pending.remove(side)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as refusal:
            sys.exit(str(refusal))
