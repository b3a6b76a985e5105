# SPDX-License-Identifier: GPL-2.0
"""Targets that are known to differ from each other, as far as an initiator can
tell. One file each, which says where that is known from."""
