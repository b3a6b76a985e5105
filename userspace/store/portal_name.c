// SPDX-License-Identifier: GPL-2.0
/* Names of portals of live sessions, by SessionIdentifier. */
#include "store/portal_name.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/file.h"
#include "module/ids.h"

#define PORTAL_NAME_DIR "/run/iscsi-mpio"

static char *portal_name_path(const struct session *session)
{
	char id[SESSION_ID_LEN + 1];

	ids_session_text(session, id);
	return file_root_path(PORTAL_NAME_DIR "/%s", id);
}

void portal_name_save(const struct session *session, const struct mpio_portal *portal)
{
	char *path;

	if (portal->family != MPIO_FAMILY_NAME)
		return;
	path = portal_name_path(session);
	if (file_write(path, portal->host, strlen(portal->host), 0644))
		verbose("the name %s is not remembered: %s", portal->host,
			why());
	free(path);
}

void portal_name_load(const struct session *session, char *host)
{
	char *path = portal_name_path(session), *text;
	struct mpio_portal portal;
	size_t len;

	address_text(&session->login.portal, host);
	if (!file_read(path, &text, &len)) {
		if (!address_parse_portal(text, &portal))
			mpio_host_format(&portal, host);
		free(text);
	}
	free(path);
}

void portal_name_remove(const struct session *session)
{
	char *path = portal_name_path(session);

	unlink(path);
	free(path);
}
