"""SMTP without sockets: bytes in, events and bytes out, for both ends of a line.

`grammar` reads commands, `replies` writes and reads answers, `transfer` is the form of a message in
transit; `answering` is the dialogue of the side that is called, `asking` that of the side that calls.
RFC 5321 with SIZE (1870), 8BITMIME (6152), PIPELINING (2920), STARTTLS (3207), ENHANCEDSTATUSCODES
(2034), DSN (3461) and MT-PRIORITY (6710). Nothing here knows of a socket, a clock or a thread.
"""
