/* Reading MO files.  The C library has a reader, but since 2.39 that of glibc
 * is silent in C.UTF-8, and a bare Debian has no other locale of UTF-8.  All
 * offsets are checked once, when the file is read; looking up is then a binary
 * search without a doubt. */
#include "tui/text/catalog.h"

#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"

enum { HEAD = 28, ENTRY = 8, COUNT_AT = 8 };
enum { SOURCES_AT = 12, SENTENCES_AT = 16 };

struct catalog {
	struct buf bytes;
	size_t count, sources, sentences; /* offsets of the two tables */
};

static size_t
number_at(const struct catalog *self, size_t at)
{
	const unsigned char *p = (const unsigned char *)self->bytes.ptr + at;

	return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 |
	       (size_t)p[3] << 24;
}

/* A table of count entries lies inside the file. */
static bool
table_fits(const struct catalog *self, size_t at)
{
	return at <= self->bytes.len &&
	       self->count <= (self->bytes.len - at) / ENTRY;
}

/* An entry of a table: its text lies inside the file and ends with NUL. */
static bool
entry_fits(const struct catalog *self, size_t table, size_t i)
{
	size_t len = number_at(self, table + i * ENTRY);
	size_t at = number_at(self, table + i * ENTRY + 4);

	return at < self->bytes.len && len < self->bytes.len - at &&
	       self->bytes.ptr[at + len] == '\0';
}

static const char *
entry(const struct catalog *self, size_t table, size_t i)
{
	return self->bytes.ptr + number_at(self, table + i * ENTRY + 4);
}

/* Sources are in strict order, or a search would miss some. */
static bool
is_whole(const struct catalog *self)
{
	for (size_t i = 0; i < self->count; i++) {
		if (!entry_fits(self, self->sources, i) ||
		    !entry_fits(self, self->sentences, i))
			return false;
		if (i > 0 && strcmp(entry(self, self->sources, i - 1),
				 entry(self, self->sources, i)) >= 0)
			return false;
	}
	return true;
}

/* The empty source has the head of the catalogue. */
static bool
has_one_form(const struct catalog *self)
{
	const char *head = catalog_find(self, "");

	return head && strstr(head, "nplurals=1;");
}

struct catalog *
catalog_parse(struct span bytes)
{
	static const char magic[] = "\xde\x12\x04\x95\0\0\0\0";
	struct catalog *self = mem_new(sizeof *self);

	self->bytes = BUF_INIT;
	buf_add(&self->bytes, bytes);
	if (bytes.len < HEAD || bytes.len > CATALOG_MAX_OCTETS ||
	    memcmp(bytes.ptr, magic, COUNT_AT) != 0)
		goto fail;
	self->count = number_at(self, COUNT_AT);
	self->sources = number_at(self, SOURCES_AT);
	self->sentences = number_at(self, SENTENCES_AT);
	if (table_fits(self, self->sources) &&
	    table_fits(self, self->sentences) && is_whole(self) &&
	    has_one_form(self))
		return self;
fail:
	catalog_free(&self);
	return NULL;
}

struct catalog *
catalog_open(const char *path)
{
	struct catalog *self = NULL;
	struct buf bytes = BUF_INIT;

	if (file_read(path, CATALOG_MAX_OCTETS, &bytes, NULL) == 0)
		self = catalog_parse(buf_span(&bytes));
	buf_done(&bytes);
	return self;
}

const char *
catalog_find(const struct catalog *self, const char *source)
{
	size_t low = 0, high = self ? self->count : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(source, entry(self, self->sources, middle));

		if (order == 0)
			return entry(self, self->sentences, middle);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void
catalog_free(struct catalog **catalog)
{
	if (*catalog)
		buf_done(&(*catalog)->bytes);
	free(*catalog);
	*catalog = NULL;
}
