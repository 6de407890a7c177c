/* SPDX-License-Identifier: MIT */
/*
 * The ABI of /dev/tsmfdN as a 32-bit program sees it. No C library: with its own
 * system calls it is built where no 32-bit packages are.
 *
 *	tsmfd-compat32 DEVICE
 *
 * Asks, with the challenge 01 02 ... 40 (hex) and privlevel 2, once by ioctl
 * and once by write and read, and writes both streams of an extended report to
 * stdout, one behind the other. The exit status is 0, or the number of the step
 * that failed.
 */
#include <asm/unistd_32.h>
#include <linux/fcntl.h>
#include <linux/tsmfd.h>

_Static_assert(sizeof(void *) == 4, "not a 32-bit program");
_Static_assert(sizeof(struct tsmfd_report_req) == TSMFD_REPORT_REQ_SIZE_VER1,
	       "struct tsmfd_report_req differs");
_Static_assert(sizeof(struct tsmfd_info) == TSMFD_INFO_SIZE_VER0, "struct tsmfd_info differs");

enum {
	STEP_ARGUMENT	= 1,
	STEP_OPEN	= 2,
	STEP_INFO	= 3,
	STEP_IOCTL	= 4,
	STEP_LENGTHS	= 5,
	STEP_WRITE	= 6,
	STEP_READ	= 7,
	STEP_OUTPUT	= 8,
	PRIVLEVEL	= 2,
	ROOM		= 4096,
};

static long syscall3(long number, long a, long b, long c)
{
	long rc;

	__asm__ volatile("int $0x80"
			 : "=a"(rc)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return rc;
}

static unsigned char outblob[ROOM], auxblob[ROOM], stream[2 * ROOM];

static long write_out(const void *bytes, unsigned int len)
{
	return syscall3(__NR_write, 1, (long)bytes, (long)len) == (long)len;
}

static int by_ioctl(long fd)
{
	struct tsmfd_report_req req = {
		.flags = TSMFD_OPT_PRIVLEVEL,
		.privlevel = PRIVLEVEL,
		.format = TSMFD_FORMAT_EXTENDED,
		.inblob_len = TSMFD_INBLOB_MAX,
		.outblob = (unsigned long)outblob,
		.outblob_len = sizeof(outblob),
		.auxblob = (unsigned long)auxblob,
		.auxblob_len = sizeof(auxblob),
	};
	unsigned int i;

	for (i = 0; i < TSMFD_INBLOB_MAX; i++)
		req.inblob[i] = (unsigned char)(i + 1);
	if (syscall3(__NR_ioctl, fd, (long)TSMFD_IOC_REPORT, (long)&req))
		return STEP_IOCTL;
	if (!req.generation || !req.outblob_len || !req.auxblob_len ||
	    req.outblob_len > ROOM || req.auxblob_len > ROOM)
		return STEP_LENGTHS;
	if (!write_out(outblob, req.outblob_len) || !write_out(auxblob, req.auxblob_len))
		return STEP_OUTPUT;
	return 0;
}

static int by_read(long fd)
{
	static const char words[] = "privlevel=2 format=extended inblob=";
	static const char digits[] = "0123456789abcdef";
	char text[sizeof(words) - 1 + 2 * TSMFD_INBLOB_MAX], *to = text;
	unsigned int i;
	long got;

	for (i = 0; i < sizeof(words) - 1; i++)
		*to++ = words[i];
	for (i = 1; i <= TSMFD_INBLOB_MAX; i++) {
		*to++ = digits[i >> 4];
		*to++ = digits[i & 15];
	}
	if (syscall3(__NR_write, fd, (long)text, (long)sizeof(text)) != (long)sizeof(text))
		return STEP_WRITE;
	got = syscall3(__NR_read, fd, (long)stream, (long)sizeof(stream));
	if (got <= 0)
		return STEP_READ;
	return write_out(stream, (unsigned int)got) ? 0 : STEP_OUTPUT;
}

static int run(int argc, char **argv)
{
	struct tsmfd_info info;
	long fd;
	int rc;

	if (argc != 2)
		return STEP_ARGUMENT;
	fd = syscall3(__NR_open, (long)argv[1], O_RDWR, 0);
	if (fd < 0)
		return STEP_OPEN;
	if (syscall3(__NR_ioctl, fd, (long)TSMFD_IOC_INFO, (long)&info) ||
	    info.privlevel_max != TSMFD_PRIVLEVEL_MAX)
		return STEP_INFO;
	rc = by_ioctl(fd);
	return rc ? rc : by_read(fd);
}

/* The kernel starts a program with argc, argv[0], ... on the stack. */
__attribute__((used)) static void start(long *stack)
{
	syscall3(__NR_exit, run((int)stack[0], (char **)(stack + 1)), 0, 0);
}

__asm__(".globl _start\n"
	"_start:\n"
	"	mov %esp, %eax\n"
	"	and $-16, %esp\n"
	"	sub $12, %esp\n"
	"	push %eax\n"
	"	call start\n");
