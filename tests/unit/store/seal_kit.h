/* What the tests of the encrypting VFS share: a folder of their own, a sealed
 * file in it, SQL that must work, files as bytes. */
#ifndef TESTS_UNIT_STORE_SEAL_KIT_H
#define TESTS_UNIT_STORE_SEAL_KIT_H

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/seal_file.h"
#include "tests/unit/unit.h"

#define KIT_FN __attribute__((unused)) static

enum { KIT_LIMIT = 512 * 1024 * 1024 };

struct kit {
	char dir[64];
	char path[96];
	struct secret *key;
	struct seal *seal;
};

/* A fixed key that differs by seed. */
KIT_FN struct secret *
kit_secret(unsigned seed)
{
	struct secret *key = secret_new(SEAL_KEY);

	for (unsigned i = 0; i < SEAL_KEY; i++)
		key->bytes[i] = (unsigned char)(seed * 31 + i * 7 + 1);
	return key;
}

KIT_FN void
kit_start(struct kit *kit)
{
	struct err err = {0};

	memset(kit, 0, sizeof *kit);
	/* Killing does not need a disk, and a disk makes it slow. */
	snprintf(kit->dir, sizeof kit->dir, "%s/seal-test-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(kit->dir));
	snprintf(kit->path, sizeof kit->path, "%s/store.db", kit->dir);
	kit->key = kit_secret(1);
	assert_ok(seal_register(NULL, &err), &err);
}

/* Takes the lock and gives the key. */
KIT_FN void
kit_seal(struct kit *kit)
{
	struct err err = {0};
	struct stat st;
	enum seal_start start = SEAL_NEW;

	if (stat(kit->path, &st) == 0 && st.st_size)
		start = SEAL_EXISTING;
	assert_ok(seal_open(kit->path, start, &kit->seal, &err), &err);
	assert_ok(seal_key(kit->seal, kit->key, NULL, &err), &err);
}

KIT_FN void
kit_remove(const char *dir)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	char path[512];

	while (folder && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' &&
		    (!entry->d_name[1] || entry->d_name[1] == '.'))
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (unlink(path) < 0)
			kit_remove(path);
	}
	if (folder)
		closedir(folder);
	rmdir(dir);
}

KIT_FN void
kit_done(struct kit *kit)
{
	seal_close(&kit->seal);
	secret_free(&kit->key);
	kit_remove(kit->dir);
}

/* A connection to the sealed file; the code when it fails. */
KIT_FN int
kit_try(struct kit *kit, sqlite3 **out)
{
	int rc = sqlite3_open_v2(kit->path, out,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, SEAL_VFS);

	if (rc == SQLITE_OK)
		sqlite3_extended_result_codes(*out, 1);
	return rc;
}

KIT_FN sqlite3 *
kit_db(struct kit *kit)
{
	sqlite3 *db = NULL;

	if (kit_try(kit, &db) != SQLITE_OK)
		fail_msg("open: %s", sqlite3_errmsg(db));
	return db;
}

/* The extended code of running sql to its end. */
KIT_FN int
kit_rc(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return SQLITE_OK;
	return sqlite3_extended_errcode(db);
}

KIT_FN void
kit_sql(sqlite3 *db, const char *sql)
{
	if (kit_rc(db, sql) != SQLITE_OK)
		fail_msg("%s: %d %s", sql, sqlite3_extended_errcode(db),
		    sqlite3_errmsg(db));
}

KIT_FN int
kit_add_row(void *arg, int columns, char **value, char **name)
{
	struct buf *out = arg;

	(void)name;
	for (int i = 0; i < columns; i++) {
		if (i)
			buf_char(out, '|');
		buf_text(out, value[i] ? value[i] : "NULL");
	}
	buf_char(out, '\n');
	return 0;
}

/* Appends the rows as "a|b\n". */
KIT_FN void
kit_rows(sqlite3 *db, const char *sql, struct buf *out)
{
	if (sqlite3_exec(db, sql, kit_add_row, out, NULL) != SQLITE_OK)
		fail_msg("%s: %d %s", sql, sqlite3_extended_errcode(db),
		    sqlite3_errmsg(db));
}

KIT_FN void
kit_expect(sqlite3 *db, const char *sql, const char *rows)
{
	struct buf got = BUF_INIT;

	kit_rows(db, sql, &got);
	assert_string_equal(got.ptr ? got.ptr : "", rows);
	buf_done(&got);
}

KIT_FN void
kit_load(const char *path, struct buf *out)
{
	struct err err = {0};

	buf_clear(out);
	assert_ok(file_read(path, KIT_LIMIT, out, &err), &err);
}

KIT_FN void
kit_save(const char *path, const struct buf *data)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	if (data->len)
		assert_int_equal(
		    fwrite(data->ptr, 1, data->len, file), data->len);
	assert_int_equal(fclose(file), 0);
}

KIT_FN void
kit_copy(const char *from, const char *to)
{
	struct buf data = BUF_INIT;

	kit_load(from, &data);
	kit_save(to, &data);
	buf_done(&data);
}

/* path with something behind it; a static buffer per call site is enough. */
KIT_FN void
kit_tail(char out[128], const struct kit *kit, const char *tail)
{
	snprintf(out, 128, "%s%s", kit->path, tail);
}

/* A number from 0 to below - 1; the same series for the same seed. */
KIT_FN unsigned
kit_random(uint64_t *seed, unsigned below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33) % below;
}

/* Has tests/unit/store/read_store.py read the file at path (and its log) with
 * nothing of ours and appends what it prints.  False when python3 or openssl
 * is missing. */
KIT_FN int
kit_read_elsewhere(
    const struct kit *kit, const char *path, const char *sql, struct buf *out)
{
	struct buf command = BUF_INIT;
	char line[512];
	FILE *pipe;

	buf_clear(out);
	if (access("/usr/bin/python3", X_OK) != 0 ||
	    access("/usr/bin/openssl", X_OK) != 0) {
		print_message("SKIP independent reader: "
			      "no /usr/bin/python3 or /usr/bin/openssl\n");
		return 0;
	}
	buf_text(&command, "/usr/bin/python3 tests/unit/store/read_store.py ");
	crypt_hex(&command, secret_span(kit->key));
	buf_printf(&command, " '%s' \"%s\" 2>&1", path, sql);
	pipe = popen(command.ptr, "r");
	assert_non_null(pipe);
	while (fgets(line, sizeof line, pipe))
		buf_text(out, line);
	if (pclose(pipe) != 0)
		fail_msg("%s: %s", path, out->ptr ? out->ptr : "no output");
	buf_done(&command);
	return 1;
}

KIT_FN int
kit_exists(const struct kit *kit, const char *tail)
{
	char path[128];

	kit_tail(path, kit, tail);
	return access(path, F_OK) == 0;
}

#endif
