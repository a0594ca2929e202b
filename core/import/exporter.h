/* Programs whose exports are recognised by their headers. */
#ifndef CORE_IMPORT_EXPORTER_H
#define CORE_IMPORT_EXPORTER_H

#include <stdbool.h>

#include "core/base/span.h"
#include "core/import/column.h"
#include "core/import/shape.h"

/* A program; static. */
struct import_exporter {
	const char *key;         /* stable: "mailchimp" */
	const char *label;       /* its own name, not translated */
	enum import_order order; /* of its dates */
	enum import_quote quote; /* how it quotes; import_exporter_form() */
};

/* Why a file is taken for an export. */
enum import_because {
	IMPORT_BECAUSE_HEADERS, /* its columns */
	IMPORT_BECAUSE_NAME,    /* its columns, and its name says which file */
	IMPORT_BECAUSE_CHARSET, /* nothing else than how it is encoded */
};

struct import_recognised {
	const struct import_exporter *exporter;
	enum import_because because;
	enum import_state state; /* of rows that say none: for the plan */
	size_t known; /* columns of the file that the exporter is known for */
	bool column[IMPORT_COLUMNS_MAX]; /* which */
};

/* The word by which arara knows that its first line is headers: with it the line
 * is none of its people whatever else stands there, without it it is one. */
#define EXPORTER_FIRST_WORD "メールアドレス"

/* The programs that are known, in the order in which they are offered; NULL
 * past the end. */
const struct import_exporter *import_exporter_at(size_t i);

/* The one with that key, or NULL. */
const struct import_exporter *import_exporter_find(struct span key);

/* What a file tells beside its columns. */
struct exporter_file {
	struct span name; /* of the file, or of the member of an archive */
	/* WINDOWS: CP932, UTF-16, or UTF-8 with a mark. */
	enum { EXPORTER_PLAIN, EXPORTER_WINDOWS } from;
};

/* Finds the program that has made a file: false when it is none of them. */
bool exporter_recognise(const struct import_column *column, size_t count,
    const struct exporter_file *file, struct import_recognised *out);

/* True for a program whose first line is headers only by EXPORTER_FIRST_WORD. */
bool exporter_heads_by_word(const struct import_exporter *exporter);

/* Sets targets, senses, orders and codes of all columns as the program has
 * them; columns that it is not known for are guessed or left out. */
void exporter_apply(const struct import_exporter *exporter,
    struct import_column *column, size_t count);

#endif
