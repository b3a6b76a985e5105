// SPDX-License-Identifier: GPL-2.0
/* May a path take a command? Both those who select one and its disk ask. */
#include "multipath/path.h"
#include "session/session.h"

bool mpio_path_usable(const struct mpio_path *path)
{
	return READ_ONCE(path->state) == MPIO_PATH_READY &&
	       mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN;
}
