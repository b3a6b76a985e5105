// SPDX-License-Identifier: GPL-2.0
/* Module: init and exit, network namespaces, shutdown of the machine. */
#include <linux/module.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <net/net_namespace.h>

#include "base/event.h"
#include "base/setting.h"
#include "base/work.h"
#include "conn/conn.h"
#include "host/class.h"
#include "host/shost.h"
#include "host/remove.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "multipath/policy.h"
#include "multipath/sleep.h"
#include "netlink/family.h"
#include "session/login.h"
#include "session/netdev.h"
#include "session/session.h"

/* Of sessions of @net (NULL: all): how long their I/O waits may have changed. */
static void mpio_update_disks(const struct net *net)
{
	struct mpio_session *sess = NULL;
	struct mpio_path *path;

	while ((sess = mpio_session_after(sess))) {
		path = NULL;
		while ((!net || sess->net == net) &&
		       (path = mpio_path_next(sess, path)))
			mpio_disk_update(path->disk);
	}
}

/*
 * Userspace is gone, devices are about to be shut down: I/O of disks without a path
 * fails instead of waiting for NoPathTimeout. No mutex is taken: under those of the
 * registry and of hosts memory is allocated, which may have to be freed by
 * writing to the very disks that are let go here.
 */
static int mpio_reboot(struct notifier_block *nb, unsigned long action,
		       void *data)
{
	mpio_shut_down();
	mpio_update_disks(NULL);
	return NOTIFY_DONE;
}

static struct notifier_block mpio_reboot_nb = {
	.notifier_call = mpio_reboot,
};

/* Registry mutex not held. A session of @net (NULL: any), referenced. */
static struct mpio_session *mpio_first_session(const struct net *net)
{
	struct mpio_session *sess, *found = NULL;

	mutex_lock(&mpio_registry_mutex);
	list_for_each_entry(sess, &mpio_sessions, node) {
		if (!net || sess->net == net) {
			found = mpio_session_get(sess);
			break;
		}
	}
	mutex_unlock(&mpio_registry_mutex);
	return found;
}

/* Skips sessions that somebody else is deleting already. */
static void mpio_remove_sessions(const struct net *net)
{
	struct mpio_session *sess;
	const char *why;

	while ((sess = mpio_first_session(net))) {
		if (mpio_session_del(sess, true, &why) == -ENODEV)
			wait_var_event(&sess->node, list_empty(&sess->node));
		mpio_session_put(sess);
	}
}

/* A namespace that goes takes its sessions along; paths elsewhere stay. */
static void __net_exit mpio_exit_net(struct net *net)
{
	struct mpio_session *sess = NULL;

	/* There is no network left to say goodbye over. */
	while ((sess = mpio_session_after(sess)))
		if (sess->net == net && net != &init_net)
			mpio_session_fail(sess, MPIO_ERROR_TRANSPORT,
					  "its network namespace is gone");
	/*
	 * Sessions are removed one by one. The removal of the first may wait for I/O
	 * of a disk that has its paths in the others, whose NoPathTimeout no longer
	 * counts once their namespace is gone. No mutex is taken before that is told
	 * to the disks: see mpio_reboot().
	 */
	mpio_update_disks(net);
	mpio_remove_sessions(net);
}

static struct pernet_operations mpio_net_ops = {
	.exit = mpio_exit_net,
};

static int __init mpio_init(void)
{
	int err;

	mpio_instance = get_random_u64();
	mpio_settings_init();
	err = mpio_work_init();
	if (err)
		return err;
	err = mpio_login_init_pool();
	if (err)
		goto free_workqueues;
	err = mpio_socket_init();
	if (err)
		goto exit_login;
	err = mpio_shost_init();
	if (err)
		goto exit_socket;
	err = mpio_class_init();
	if (err)
		goto exit_host;
	err = register_pernet_subsys(&mpio_net_ops);
	if (err)
		goto exit_class;
	err = register_reboot_notifier(&mpio_reboot_nb);
	if (err)
		goto unregister_pernet;
	err = mpio_sleep_init();
	if (err)
		goto unregister_reboot;
	err = mpio_netdev_init();
	if (err)
		goto exit_sleep;
	err = mpio_netlink_init();
	if (err)
		goto exit_netdev;
	return 0;

exit_netdev:
	mpio_netdev_exit();
exit_sleep:
	mpio_sleep_exit();
unregister_reboot:
	unregister_reboot_notifier(&mpio_reboot_nb);
unregister_pernet:
	unregister_pernet_subsys(&mpio_net_ops);
exit_class:
	mpio_class_exit();
exit_host:
	mpio_shost_exit();
exit_socket:
	mpio_socket_exit();
exit_login:
	mpio_login_exit_pool();
free_workqueues:
	mpio_work_exit();
	return err;
}

static void __exit mpio_exit(void)
{
	mpio_netlink_exit();		/* no new sessions */
	mpio_remove_sessions(NULL);
	mpio_netdev_exit();
	/* Their works may put disks, which scan_wq then frees. */
	flush_workqueue(mpio_recover_wq);
	flush_workqueue(mpio_probe_wq);
	mpio_sleep_exit();
	unregister_reboot_notifier(&mpio_reboot_nb);
	unregister_pernet_subsys(&mpio_net_ops);
	mpio_work_exit();
	mpio_policy_exit();
	rcu_barrier();
	mpio_shost_drain();
	mpio_class_exit();
	mpio_shost_exit();
	mpio_login_exit_pool();
	mpio_socket_exit();
}

module_init(mpio_init);
module_exit(mpio_exit);

MODULE_DESCRIPTION("iSCSI initiator with multipath, without a daemon");
MODULE_AUTHOR("The iscsi-mpio authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(MPIO_VERSION);
