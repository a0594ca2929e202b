/* A CSV file as rows of cells, for tables that are no lists of contacts: the
 * same encodings, delimiters and limits as an import. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/import/import.h"
#include "core/import/source.h"

struct csv_file {
	struct source source;
	struct rows *rows;
};

int
csv_file_open(const char *path, struct csv_file **out, struct err *err)
{
	struct csv_file *file = mem_new(sizeof *file);

	if (source_init(&file->source, path, SOURCE_FIND, NULL, err) < 0 ||
	    rows_open(&file->source, &file->rows, err) < 0) {
		csv_file_close(&file);
		return -1;
	}
	*out = file;
	return 0;
}

int
csv_file_next(struct csv_file *file, struct csv_cells *out, struct err *err)
{
	struct csv_row row;
	int got = rows_next(file->rows, &row, err);

	if (got == 1)
		*out = (struct csv_cells){row.line, row.cell, row.count};
	return got;
}

void
csv_file_close(struct csv_file **file)
{
	if (!*file)
		return;
	rows_close(&(*file)->rows);
	source_done(&(*file)->source);
	free(*file);
	*file = NULL;
}
