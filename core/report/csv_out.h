/* CSV for other programs: cells that no spreadsheet takes for a formula, in a
 * file that has its name only when it is whole. */
#ifndef CORE_REPORT_CSV_OUT_H
#define CORE_REPORT_CSV_OUT_H

#include "core/base/buf.h"
#include "core/base/err.h"

/* Appends a quoted cell and end: controls are written out, a first character
 * that begins a formula gets an apostrophe before it. */
void csv_cell(struct buf *out, struct span text, char end);

/* Appends a number and a comma. */
void csv_number(struct buf *out, int64_t number);

/* Opens path.new, mode 0600, in place of one that was left over; its
 * descriptor, or -1 with E_FILE_OPEN. */
int csv_open(const char *path, struct err *err);

/* Writes rows.  E_FILE_WRITE, E_DISK_FULL. */
int csv_write(int fd, const char *path, struct span rows, struct err *err);

/* Flushes it to the disk, before it is logged.  Errors as csv_write(). */
int csv_sync(int fd, const char *path, struct err *err);

enum csv_end {
	CSV_KEEP, /* in place of what has the name */
	CSV_NEW,  /* what has the name is not touched: E_FILE_EXISTS */
	CSV_DROP
};

/* Closes the file and gives it its name, or removes it. */
int csv_close(int fd, const char *path, enum csv_end how, struct err *err);

#endif
