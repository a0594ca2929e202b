/* The ZIP reader: whatever the archive says, no member gives more than it said
 * it has, and what ends well has the checksum it said. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/utf8.h"
#include "core/import/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { READ_MAX = 1 << 20 };

static void
read_member(const struct zip *zip, size_t at, int64_t octets)
{
	struct zip_reading *reading = NULL;
	struct err err = {0};
	char piece[4096];
	int64_t all = 0;
	ssize_t got = 1;

	if (zip_reading_open(zip, at, &reading, &err) < 0) {
		if (err.code == E_NONE)
			abort();
		return;
	}
	while (all < READ_MAX &&
	       (got = zip_read(reading, piece, sizeof piece, &err)) > 0)
		all += got;
	if (all > octets || (got == 0 && all != octets))
		abort();
	zip_reading_close(&reading);
}

static void
look(const struct zip *zip)
{
	size_t count, chosen;
	const struct zip_member *member = zip_members(zip, &count);

	if (count > ZIP_MEMBERS_MAX)
		abort();
	archive_disguise(zip);
	if (archive_choose(zip, 0, &chosen, NULL) == 0 && chosen >= count)
		abort();
	for (size_t i = 0; i < count && i < 20; i++) {
		if (!utf8_is_valid(span_of(member[i].name)))
			abort();
		read_member(zip, i, member[i].octets);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("zip", MFD_CLOEXEC);
	struct zip *zip = NULL;
	struct err err = {0};

	if (fd < 0 || file_write_all(fd, span_make(data, size)) < 0)
		abort();
	if (zip_open(fd, (int64_t)size, &zip, &err) == 0)
		look(zip);
	else if (err.code == E_NONE)
		abort();
	zip_close(&zip);
	close(fd);
	return 0;
}
