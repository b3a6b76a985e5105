// SPDX-License-Identifier: GPL-2.0
/* Words of Windows, of open-iscsi, of multipath-tools, and of habit. */
#include "cli/synonym.h"

#include <stddef.h>
#include <strings.h>

static const struct synonym {
	const char *noun;	/* NULL: the first word, "*": behind any noun */
	const char *word;
	const char *command;
} synonyms[] = {
	{ NULL, "ls", "session list" },
	{ NULL, "list", "session list" },
	{ NULL, "sessions", "session list" },
	{ NULL, "show", "session show" },
	{ NULL, "info", "status" },
	{ NULL, "version", "--version" },
	{ NULL, "login", "connect" },
	{ NULL, "logon", "connect" },
	{ NULL, "logout", "disconnect" },
	{ NULL, "logoff", "disconnect" },
	{ NULL, "discovery", "discover" },
	{ NULL, "discoverydb", "portal list" },
	{ NULL, "sendtargets", "discover" },
	{ NULL, "node", "target list" },
	{ NULL, "nodes", "target list" },
	{ NULL, "targets", "target list" },
	{ NULL, "iface", "session list" },
	{ NULL, "fw", "ibft show" },
	{ NULL, "add", "target add" },
	{ NULL, "rm", "unregister" },
	{ NULL, "remove", "unregister" },
	{ NULL, "delete", "unregister" },
	{ NULL, "undo", "record undo" },
	{ NULL, "verify", "record verify" },
	{ NULL, "repair", "record repair" },
	{ NULL, "multipath", "tree" },
	{ NULL, "multipathd", "path list" },
	{ NULL, "mpclaim", "path list" },
	{ NULL, "disk", "tree" },
	{ NULL, "disks", "tree" },
	{ NULL, "lsscsi", "tree" },
	{ NULL, "nodename", "initiator get" },
	{ NULL, "save", "register" },
	{ NULL, "persist", "register" },
	{ NULL, "secret", "chap set-secret" },
	{ NULL, "New-IscsiTargetPortal", "discover" },
	{ NULL, "Get-IscsiTargetPortal", "portal list" },
	{ NULL, "Update-IscsiTargetPortal", "portal refresh" },
	{ NULL, "Remove-IscsiTargetPortal", "portal remove" },
	{ NULL, "Get-IscsiTarget", "target list" },
	{ NULL, "Update-IscsiTarget", "target refresh" },
	{ NULL, "Connect-IscsiTarget", "connect" },
	{ NULL, "Disconnect-IscsiTarget", "disconnect" },
	{ NULL, "Get-IscsiSession", "session list" },
	{ NULL, "Get-IscsiConnection", "connection list" },
	{ NULL, "Register-IscsiSession", "register" },
	{ NULL, "Unregister-IscsiSession", "unregister" },
	{ NULL, "Set-IscsiChapSecret", "chap set-secret" },
	{ NULL, "Get-InitiatorPort", "initiator get" },
	{ NULL, "Set-InitiatorPort", "initiator set" },
	{ NULL, "Get-MPIOSetting", "mpio get" },
	{ NULL, "Set-MPIOSetting", "mpio set" },
	{ NULL, "Get-MSDSMGlobalDefaultLoadBalancePolicy",
	  "policy get --default" },
	{ NULL, "Set-MSDSMGlobalDefaultLoadBalancePolicy",
	  "policy set --default" },
	{ "session", "rescan", "rescan" },
	{ "session", "scan", "rescan" },
	{ "target", "rescan", "rescan" },
	{ NULL, "scan", "rescan" },
	{ NULL, "refresh", "portal refresh" },
	{ "session", "login", "connect" },
	{ "session", "logout", "disconnect" },
	{ "session", "disconnect", "disconnect" },
	{ "session", "register", "register" },
	{ "session", "unregister", "unregister" },
	{ "session", "delete", "disconnect" },
	{ "session", "remove", "disconnect" },
	{ "session", "rm", "disconnect" },
	{ "target", "connect", "connect" },
	{ "target", "login", "connect" },
	{ "target", "disconnect", "disconnect" },
	{ "target", "logout", "disconnect" },
	{ "target", "delete", "target remove" },
	{ "target", "rm", "target remove" },
	{ "target", "discover", "discover" },
	{ "portal", "discover", "discover" },
	{ "portal", "delete", "portal remove" },
	{ "portal", "rm", "portal remove" },
	{ "portal", "update", "portal refresh" },
	{ "record", "remove", "unregister" },
	{ "record", "delete", "unregister" },
	{ "record", "rm", "unregister" },
	{ "record", "new", "record add" },
	{ "record", "login", "record connect" },
	{ "record", "update", "record set" },
	{ "record", "restore", "restore" },
	{ "path", "enable", "path reinstate" },
	{ "path", "disable", "path fail" },
	{ "policy", "list", "policy get" },
	{ "mpio", "list", "mpio get" },
	{ "initiator", "show", "initiator get" },
	{ "*", "ls", "list" },
	{ "*", "show", "list" },
	{}
};

const char *synonym_find(const char *noun, const char *word,
			 bool (*known)(const char *noun, const char *verb))
{
	const struct synonym *s;

	for (s = synonyms; s->word; s++) {
		if (strcasecmp(s->word, word) || !s->noun != !noun)
			continue;
		if (!noun || !strcasecmp(s->noun, noun))
			return s->command;
		if (s->noun[0] == '*' && known(noun, s->command))
			return s->command;
	}
	return NULL;
}
