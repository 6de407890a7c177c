// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd.ko: puts core and faces together.
 */
#include <linux/module.h>

#include "../faces/chardev.h"
#include "../faces/keytype.h"
#include "../faces/netlink.h"
#include "merkle.h"
#include "registry.h"
#include "request.h"

static int __init tsmfd_init(void)
{
	int rc;

	rc = tsmfd_request_init();
	if (rc)
		return rc;
	tsmfd_merkle_init();

	rc = tsmfd_registry_init(TSMFD_CHARDEV_FOPS);
	if (rc)
		goto err_request;

	rc = tsmfd_keytype_init();
	if (rc)
		goto err_registry;

	rc = tsmfd_netlink_init();
	if (rc)
		goto err_keytype;

	return 0;

err_keytype:
	tsmfd_keytype_exit();
err_registry:
	tsmfd_registry_exit();
err_request:
	tsmfd_merkle_exit();
	tsmfd_request_exit();
	return rc;
}
module_init(tsmfd_init);

static void __exit tsmfd_exit(void)
{
	tsmfd_netlink_exit();
	tsmfd_keytype_exit();
	tsmfd_registry_exit();
	tsmfd_merkle_exit();
	tsmfd_request_exit();
}
module_exit(tsmfd_exit);

MODULE_DESCRIPTION("Attestation reports by file descriptor");
MODULE_LICENSE("GPL");
