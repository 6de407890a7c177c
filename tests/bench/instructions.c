// SPDX-License-Identifier: MIT
/*
 * A plugin of QEMU's: how often each translated block of the guest's kernel is run
 * between two moments, for tests/bench/instructions.
 *
 *	-plugin instructions.so,dir=DIR
 *
 * Counting begins when DIR/begin appears and ends when DIR/end does; each is
 * acknowledged by a file, DIR/begun and DIR/counts. The latter has a line for each
 * block: its address, its instructions, and how often it was run. All of user space
 * is one block, at address 0, of an instruction.
 *
 * Debian has no package with qemu-plugin.h. What is declared here is version 1 of that
 * interface: docs/devel/tcg-plugins.rst and include/qemu/qemu-plugin.h of QEMU 7.2.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_info_t;
struct qemu_plugin_tb;

enum { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t,
						      struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *to,
					      uint64_t value);

int qemu_plugin_version = 1;

/* In virtual time the guest, which waits for us, runs on as fast as it can. */
enum { BLOCKS = 1 << 20, POLL_US = 200 };

#define KERNEL_HALF (1ull << 63)

/* One of the guest's, in a table that is searched from the hash of the first two. */
struct block {
	uint64_t address;
	uint64_t instructions;	/* 0: no block */
	uint64_t runs;		/* added to by translated code */
	uint64_t runs_before;	/* counting began */
};

static struct block *blocks;
static pthread_mutex_t blocks_lock = PTHREAD_MUTEX_INITIALIZER;	/* who adds one */
static char directory[256];

static struct block *find_block(uint64_t address, uint64_t instructions)
{
	uint64_t hash = (address * 0x9e3779b97f4a7c15) ^ (instructions * 0xc2b2ae3d27d4eb4f);
	struct block *block = &blocks[hash >> 44];

	while (block->instructions &&
	       (block->address != address || block->instructions != instructions))
		block = block == &blocks[BLOCKS - 1] ? blocks : block + 1;
	block->address = address;
	block->instructions = instructions;
	return block;
}

static void on_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	uint64_t instructions = qemu_plugin_tb_n_insns(tb);
	bool kernel = address & KERNEL_HALF;
	struct block *block;

	(void)id;
	pthread_mutex_lock(&blocks_lock);
	block = kernel ? find_block(address, instructions) : find_block(0, 1);
	pthread_mutex_unlock(&blocks_lock);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->runs,
						 kernel ? 1 : instructions);
}

static void path_of(const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", directory, name);
}

static void wait_for(const char *name)
{
	char path[512];

	path_of(name, path, sizeof(path));
	while (access(path, F_OK))
		usleep(POLL_US);
}

/* Whole when it is there under that name. */
static void write_counts(const char *name)
{
	char path[512], draft[512];
	FILE *out;

	path_of(name, path, sizeof(path));
	path_of("draft", draft, sizeof(draft));
	out = fopen(draft, "w");
	if (!out)
		return;
	for (size_t i = 0; i < BLOCKS; i++) {
		const struct block *block = &blocks[i];

		if (block->runs == block->runs_before)
			continue;
		fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", block->address,
			block->instructions, block->runs - block->runs_before);
	}
	if (!fclose(out))
		rename(draft, path);
}

static void *count(void *unused)
{
	(void)unused;
	wait_for("begin");
	for (size_t i = 0; i < BLOCKS; i++)
		blocks[i].runs_before = blocks[i].runs;
	write_counts("begun");
	wait_for("end");
	write_counts("counts");
	return NULL;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	pthread_t thread;

	(void)info;
	if (argc != 1 || sscanf(argv[0], "dir=%255s", directory) != 1)
		return -1;
	blocks = calloc(BLOCKS, sizeof(*blocks));
	if (!blocks || pthread_create(&thread, NULL, count, NULL))
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
	return 0;
}
