/* Which facts change with the machine, its boot, the folder and the token. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/host.h"
#include "core/base/mem.h"
#include "tests/fake/tempstore.h"

struct place {
	char *root, *dir;
	struct buf facts;
};

static void
put(const char *folder, const char *path, const char *text)
{
	struct buf full = BUF_INIT;
	struct err err = {0};
	char *slash;

	buf_printf(&full, "%s/%s", folder, path);
	slash = strrchr(full.ptr, '/');
	*slash = '\0';
	assert_ok(file_mkdirs(full.ptr, 0700, &err), &err);
	*slash = '/';
	assert_ok(file_replace(full.ptr, span_of(text), 0600, &err), &err);
	buf_done(&full);
}

static void
add_link(const char *root, const char *name, const char *address,
    const char *assigned)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "sys/class/net/%s/address", name);
	put(root, path.ptr, address);
	buf_clear(&path);
	buf_printf(&path, "sys/class/net/%s/addr_assign_type", name);
	put(root, path.ptr, assigned);
	buf_clear(&path);
	buf_printf(&path, "sys/class/net/%s/device/vendor", name);
	put(root, path.ptr, "0x8086\n");
	buf_done(&path);
}

static int
set_up(void **state)
{
	struct place *it = mem_new(sizeof *it);

	it->root = tempdir_new();
	it->dir = tempdir_new();
	put(it->root, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	put(it->root, "proc/sys/kernel/hostname", "mail\n");
	put(it->root, "proc/sys/kernel/random/boot_id", "b1\n");
	add_link(it->root, "eth0", "02:00:00:00:00:01\n", "0\n");
	put(it->dir, "armed-1", "nonce");
	host_facts(it->root, it->dir, "armed-1", &it->facts);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *it = *state;

	buf_done(&it->facts);
	tempdir_remove(&it->root);
	tempdir_remove(&it->dir);
	free(it);
	return 0;
}

static const char *
difference(struct place *it)
{
	struct buf now = BUF_INIT;
	const char *what;

	host_facts(it->root, it->dir, "armed-1", &now);
	what = host_difference(buf_span(&it->facts), buf_span(&now));
	buf_done(&now);
	return what ? what : "none";
}

static void
the_same_host(void **state)
{
	struct place *it = *state;

	assert_string_equal(difference(it), "none");
	/* facts, not names: nothing of the machine stands in them */
	assert_null(strstr(it->facts.ptr, "mail"));
	assert_null(strstr(it->facts.ptr, "0123456789abcdef0123"));
}

static void
what_a_clone_changes(void **state)
{
	static const struct {
		const char *path, *text, *what;
	} changes[] = {
	    {"etc/machine-id", "1123456789abcdef0123456789abcdef\n", "machine"},
	    {"proc/sys/kernel/hostname", "mail2\n", "name"},
	    {"sys/class/net/eth0/address", "02:00:00:00:00:02\n", "links"},
	    {"proc/sys/kernel/random/boot_id", "b2\n", "boot"},
	};
	struct place *it = *state;

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct buf before = BUF_INIT, path = BUF_INIT;
		struct err err = {0};

		buf_printf(&path, "%s/%s", it->root, changes[i].path);
		assert_ok(file_read(path.ptr, 100, &before, &err), &err);
		put(it->root, changes[i].path, changes[i].text);
		assert_string_equal(difference(it), changes[i].what);
		put(it->root, changes[i].path, before.ptr);
		assert_string_equal(difference(it), "none");
		buf_done(&path);
		buf_done(&before);
	}
}

/* Interfaces that come and go with containers, and addresses that change by
 * themselves, are not the machine. */
static void
links_that_do_not_count(void **state)
{
	struct place *it = *state;

	put(it->root, "sys/class/net/veth7/address", "02:00:00:00:00:07\n");
	put(it->root, "sys/class/net/veth7/addr_assign_type", "0\n");
	add_link(it->root, "eth1", "02:00:00:00:00:08\n", "3\n");
	add_link(it->root, "wlan0", "02:00:00:00:00:09\n", "0\n");
	put(it->root, "sys/class/net/wlan0/wireless/x", "");
	assert_string_equal(difference(it), "none");
	add_link(it->root, "eth2", "02:00:00:00:00:0a\n", "0\n");
	assert_string_equal(difference(it), "links");
}

static void
another_folder(void **state)
{
	struct place *it = *state;
	char *other = tempdir_new();
	struct buf now = BUF_INIT;

	put(other, "armed-1", "nonce");
	host_facts(it->root, other, "armed-1", &now);
	assert_string_equal(
	    host_difference(buf_span(&it->facts), buf_span(&now)), "place");
	buf_done(&now);
	tempdir_remove(&other);
}

/* What a backup that is put back does: the same bytes, another inode or at
 * least another time of change. */
static void
a_token_cannot_be_copied(void **state)
{
	struct place *it = *state;
	struct buf path = BUF_INIT;
	const struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT}, {.tv_sec = 1, .tv_nsec = 0}};

	buf_printf(&path, "%s/armed-1", it->dir);
	put(it->dir, "armed-1", "nonce");
	assert_string_equal(difference(it), "token");
	buf_clear(&it->facts);
	host_facts(it->root, it->dir, "armed-1", &it->facts);
	assert_string_equal(difference(it), "none");
	usleep(20000); /* the kernel's clock for files ticks */
	assert_int_equal(utimensat(AT_FDCWD, path.ptr, times, 0), 0);
	assert_string_equal(difference(it), "token");
	unlink(path.ptr);
	assert_string_equal(difference(it), "token");
	buf_done(&path);
}

static void
facts_of_another_form(void **state)
{
	static const char good[] =
	    "machine=0000000000000000 name=0000000000000000"
	    " links=0000000000000000 place=0000000000000000"
	    " token=0000000000000000 boot=0000000000000000";

	(void)state;
	assert_null(host_difference(span_of(good), span_of(good)));
	assert_string_equal(host_difference(SPAN(""), SPAN("")), "machine");
	assert_string_equal(
	    host_difference(span_of(good), SPAN("")), "machine");
	assert_string_equal(
	    host_difference(SPAN("machine= name="), SPAN("machine= name=")),
	    "machine");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_same_host, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_a_clone_changes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		links_that_do_not_count, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(another_folder, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_token_cannot_be_copied, set_up, tear_down),
	    cmocka_unit_test(facts_of_another_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
