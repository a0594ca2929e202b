/* Runs a fuzz target over every file of the folder given as first argument,
 * in the order of names, so that what a fuzzer once found stays a test.  An
 * empty or missing folder fails: a corpus that is not read proves nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 16 * 1024 * 1024 };

/* Runs the target over one file, in memory of exactly its size so that a
 * sanitizer sees a read behind the end.  False when it cannot be read. */
static bool
replay(const char *path)
{
	struct buf bytes = BUF_INIT;
	struct err err = {0};
	uint8_t *exact = NULL;
	bool ok = false;

	if (file_read(path, INPUT_MAX, &bytes, &err) < 0) {
		fprintf(stderr, "%s: %s\n", path, err_name(err.code));
		goto out;
	}
	exact = malloc(bytes.len ? bytes.len : 1);
	if (!exact)
		goto out;
	if (bytes.len)
		memcpy(exact, bytes.ptr, bytes.len);
	LLVMFuzzerTestOneInput(exact, bytes.len);
	ok = true;
out:
	free(exact);
	buf_done(&bytes);
	return ok;
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int
main(int argc, char **argv)
{
	struct dirent **entry = NULL;
	int count, run = 0, bad = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	count = scandir(argv[1], &entry, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		struct buf path = BUF_INIT;

		buf_printf(&path, "%s/%s", argv[1], entry[i]->d_name);
		if (is_file(path.ptr)) {
			bool ok = replay(path.ptr);

			printf("%s replay %s\n",
			    ok ? "[       OK ]" : "[  FAILED  ]", path.ptr);
			fflush(stdout);
			run++;
			bad += !ok;
		}
		buf_done(&path);
		free(entry[i]);
	}
	free(entry);
	if (run == 0)
		printf("[  FAILED  ] replay %s: no input\n", argv[1]);
	return run == 0 || bad > 0;
}
