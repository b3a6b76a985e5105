# SPDX-License-Identifier: GPL-2.0
"""What the proxies of the tests read PDUs with."""


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
