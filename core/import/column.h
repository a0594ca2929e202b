/* The columns of a foreign file: where each goes, and how its cells are read. */
#ifndef CORE_IMPORT_COLUMN_H
#define CORE_IMPORT_COLUMN_H

#include <stddef.h>
#include <stdint.h>

/* Where a column goes.  Exactly one holds the address; several may hold names,
 * which are joined by a space in the order of the columns (姓, 名).  Of several
 * with the same of the others the first cell with something in it counts, but
 * of STATE and AGREED the gravest, and TAGS and JSON are joined.  All enums here
 * are stored as numbers: never renumber. */
enum import_target {
	IMPORT_SKIP,
	IMPORT_ADDRESS,
	IMPORT_NAME,
	IMPORT_FIELD,
	IMPORT_STATE,        /* subscribed, unsubscribed, bounced ... */
	IMPORT_AGREED,       /* yes or no */
	IMPORT_AGREED_AT,    /* a time */
	IMPORT_CONFIRMED_AT, /* a time: of the second step of double opt-in */
	IMPORT_AGREED_IP,    /* an IPv4 or IPv6 address */
	IMPORT_AGREED_HOW,   /* wording, form, place */
	IMPORT_PAPER,        /* where the paper is kept */
	IMPORT_STOPPED_AT,   /* a time; one that is there stops */
	IMPORT_TAGS,         /* separated by commas or semicolons */
	IMPORT_JSON,         /* an object whose members become fields */
	IMPORT_TARGETS
};

/* What a cell or a whole file says of somebody, the graver the higher.  From
 * UNSUBSCRIBED on the address belongs on the stop list. */
enum import_state {
	IMPORT_STATE_UNSAID,
	IMPORT_STATE_SUBSCRIBED, /* or has agreed */
	IMPORT_STATE_REFUSED,    /* has not agreed, or not yet */
	IMPORT_STATE_UNSUBSCRIBED,
	IMPORT_STATE_BOUNCED,
	IMPORT_STATE_COMPLAINT,
	IMPORT_STATE_BLOCKED,
	IMPORT_STATES
};

/* What "yes" means in a column of states: 配信可否 or 配信停止, and for what. */
enum import_sense {
	IMPORT_SENSE_MAY,
	IMPORT_SENSE_STOP,
	IMPORT_SENSE_BOUNCE,
	IMPORT_SENSE_BLOCK
};

/* The order of the parts of a date that does not begin with the year. */
enum import_order {
	IMPORT_ORDER_UNKNOWN, /* such a date is not read */
	IMPORT_ORDER_MDY,
	IMPORT_ORDER_DMY
};

/* Numbers that stand for words, as forms store them; from 1. */
enum import_codes {
	IMPORT_CODES_NONE,
	IMPORT_CODES_SEX,        /* 男性 女性 */
	IMPORT_CODES_PREFECTURE, /* 北海道 to 沖縄県, in the order of JIS X 0401 */
	IMPORT_CODES
};

enum { IMPORT_COLUMNS_MAX = 256, IMPORT_CELL_MAX = 64 * 1024 };
enum {
	IMPORT_SURVEYED = 1000, /* rows that are looked at before the mapping */
	IMPORT_SAMPLES = 3,
	IMPORT_VALUES = 16 /* different values of a column that are told */
};

/* What was seen in the first IMPORT_SURVEYED rows of a column, in cells.  What
 * Excel did to a cell is told and kept as it is. */
struct import_signs {
	int rows;         /* surveyed */
	int filled;       /* that hold something */
	int at_signs;     /* with an @ of any width */
	int exponents;    /* 1.23E+11: a long number that Excel has cut */
	int serials;      /* 45123: maybe a date that Excel made a number of */
	int short_postal; /* a postal code with a leading zero lost */
	int faults;       /* #N/A, #REF! ... */
	int formulas;     /* begin with '=' */
	int controls;     /* hold control characters, line ends apart */
	int dates;        /* read, or would be with an order */
	int month_first, day_first, either; /* dates that end with the year */
};

/* One value of a column and what it means when the column is a STATE or an
 * AGREED. */
struct import_value {
	char text[64];           /* as read, cut at a character */
	int rows;                /* of those surveyed */
	enum import_state state; /* guessed; the operator may change it */
};

struct import_column {
	char header[128];          /* as read, UTF-8, cut at a character */
	enum import_target target; /* guessed; the caller may change it */
	char field[64];            /* merge field name for IMPORT_FIELD */
	char sample[IMPORT_SAMPLES][128]; /* first values; foreign bytes */
	enum import_sense sense;          /* for IMPORT_STATE */
	enum import_order order;          /* for the targets that are times */
	enum import_codes codes;          /* for IMPORT_FIELD */
	struct import_signs signs;
	struct import_value value[IMPORT_VALUES]; /* the most frequent first */
	int values; /* in value, or IMPORT_VALUES + 1: there are more, or long
		     * ones, and none is told */
};

/* Columns in which most cells look like addresses: their number, and the first
 * room of their indices into index.  One of them is taken, the others can be
 * offered (PC, 携帯). */
size_t import_address_columns(const struct import_column *column, size_t count,
    size_t *index, size_t room);

#endif
