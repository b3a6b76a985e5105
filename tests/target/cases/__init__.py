# SPDX-License-Identifier: GPL-2.0
"""All cases, in the order in which a connection lives."""
from cases import (asynch, chap, commands, discovery, fence, framing, full,
                   login, r2t, reads, reserve, status, tasks, units, requests)

CASES = [case for module in (discovery, login, chap, full, framing, reads,
                             r2t, status, tasks, asynch, requests, commands,
                             units, reserve, fence)
         for case in module.CASES]
_names = [case.name for case in CASES]
assert len(set(_names)) == len(_names), \
    {name for name in _names if _names.count(name) > 1}
