/* A store with a list, and its people in files. */
#ifndef TESTS_UNIT_EXPORT_KIT_H
#define TESTS_UNIT_EXPORT_KIT_H

#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/export/export.h"
#include "core/import/import.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

#define PASSPHRASE "open sesame, please"
#define REASON     "The board has asked for a copy."

struct kit {
	struct fake_clock clock;
	struct store *store;
	struct list_id list;
	struct export_order order; /* the list, UTF-8, plain */
	char *dir;
	struct buf path, source;
};

static inline void
set(struct kit *kit, const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(setting_write(kit->store, name, span_of(value), &err), &err);
}

static inline int
setup(void **state)
{
	struct kit *kit = mem_new(sizeof *kit);
	struct err err = {0};

	fake_clock_init(&kit->clock);
	kit->store = tempstore_open(&kit->clock.base);
	kit->dir = tempdir_new();
	kit->order = EXPORT_ORDER_INIT;
	kit->order.seal = EXPORT_PLAIN;
	buf_text(&kit->order.reason, REASON);
	buf_printf(&kit->path, "%s/out.csv", kit->dir);
	buf_printf(&kit->source, "%s/in.csv", kit->dir);
	assert_ok(
	    list_create(kit->store, SPAN("News"), &kit->list, &err), &err);
	kit->order.list = kit->list;
	set(kit, "export.plain", "on");
	*state = kit;
	return 0;
}

static inline int
teardown(void **state)
{
	struct kit *kit = *state;

	export_order_done(&kit->order);
	tempstore_close(&kit->store);
	tempdir_remove(&kit->dir);
	buf_done(&kit->path);
	buf_done(&kit->source);
	free(kit);
	return 0;
}

/* Imports a file into a list of a store; the columns as they are guessed. */
static inline void
import_file(struct store *store, struct list_id list, const char *path,
    struct import_counts *counts)
{
	const struct import_plan plan = {.list = list,
	    .basis = BASIS_CARD,
	    .basis_at_ms = 1700000000000,
	    .basis_note = SPAN("trade fair")};
	struct import *import = NULL;
	struct err err = {0};

	assert_ok(import_open(path, IMPORT_AUTO, &import, &err), &err);
	assert_ok(import_commit(import, store, &plan, counts, &err), &err);
	import_close(&import);
}

static inline void
import_text(struct kit *kit, struct span text)
{
	struct import_counts counts;
	struct err err = {0};

	assert_ok(file_replace(kit->source.ptr, text, 0600, &err), &err);
	import_file(kit->store, kit->list, kit->source.ptr, &counts);
	assert_int_equal(counts.rejected, 0);
}

/* Lines "address,name" of so many people. */
static inline void
import_many(struct kit *kit, int count)
{
	struct buf text = BUF_INIT;

	buf_text(&text, "address,name\r\n");
	for (int i = 0; i < count; i++)
		buf_printf(&text, "p%d@example.jp,Person %d\r\n", i, i);
	import_text(kit, buf_span(&text));
	buf_done(&text);
}

/* Writes the file and drops it again, so that its name is free: 0 or the
 * error's code. */
static inline enum err_code
write_code(struct kit *kit, int64_t request, struct export_made *made)
{
	struct secret *passphrase =
	    secret_of(PASSPHRASE, sizeof PASSPHRASE - 1);
	struct err err = {.code = E_NONE};

	if (export_write(kit->store, &kit->order, request, kit->path.ptr,
		kit->order.seal == EXPORT_BY_PASSPHRASE ? passphrase : NULL,
		NULL, made, &err) == 0)
		assert_int_equal(unlink(kit->path.ptr), 0);
	secret_free(&passphrase);
	return err.code;
}

/* Writes the file and reads it. */
static inline void
write_text(struct kit *kit, struct buf *out)
{
	struct export_made made;
	struct err err = {0};

	assert_ok(export_write(kit->store, &kit->order, 0, kit->path.ptr, NULL,
		      NULL, &made, &err),
	    &err);
	buf_clear(out);
	assert_ok(file_read(kit->path.ptr, 1 << 24, out, &err), &err);
	assert_int_equal(made.octets, out->len);
}

/* Files in the folder. */
static inline int
count_files(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
