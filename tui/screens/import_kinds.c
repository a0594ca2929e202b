/* Rows are left out for many reasons and few kinds of them: an operator wants
 * to know first whether it is the file, the rules or the stop list. */
#include "tui/screens/import_kinds.h"

#include "tui/text/i18n.h"

enum import_kind
import_kind_of(enum err_code why)
{
	switch (why) {
	case E_ROW_NOT_AGREED:
		return KIND_NOT_AGREED;
	case E_ROW_UNKNOWN:
		return KIND_UNKNOWN;
	case E_ROW_NO_ADDRESS:
	case E_ROW_TWO_ADDRESSES:
	case E_ADDRESS_SYNTAX:
	case E_ADDRESS_LENGTH:
	case E_ADDRESS_DOMAIN:
	case E_ADDRESS_UTF8:
	case E_ADDRESS_WIDTH:
		return KIND_ADDRESS;
	case E_ROW_SHORT:
	case E_ROW_LONG:
	case E_ROW_QUOTE:
	case E_ROW_JSON:
		return KIND_SHAPE;
	case E_ROW_CONTROL:
	case E_ROW_CHARACTER:
	case E_IMPORT_DESTROYED:
		return KIND_TEXT;
	case E_ROW_DATE:
	case E_ROW_IP:
	case E_ROW_TEXT:
	case E_ROW_TAGS:
		return KIND_EVIDENCE;
	default:
		return KIND_OTHER;
	}
}

bool
import_kind_is_reject(enum import_kind kind)
{
	return kind != KIND_STOPPED && kind != KIND_TWICE;
}

const char *
import_kind_name(enum import_kind kind)
{
	static const char *const names[KINDS] = {
	    [KIND_STOPPED] = N_("on the stop list"),
	    [KIND_NOT_AGREED] = N_("did not agree"),
	    [KIND_UNKNOWN] = N_("not on the list"),
	    [KIND_ADDRESS] = N_("bad address"),
	    [KIND_SHAPE] = N_("row does not fit the columns"),
	    [KIND_TEXT] = N_("text that cannot be kept"),
	    [KIND_EVIDENCE] = N_("evidence that cannot be read"),
	    [KIND_OTHER] = N_("other reasons"),
	    [KIND_TWICE] = N_("twice in the file"),
	};

	return _(names[kind]);
}

void
import_kinds_sum(const struct import_counts *counts,
    const struct import_reason *reason, size_t reasons,
    struct import_kinds *out)
{
	int64_t rows[KINDS] = {[KIND_STOPPED] = counts->suppressed,
	    [KIND_TWICE] = counts->duplicate};
	int different[KINDS] = {0};

	for (size_t i = 0; i < reasons; i++) {
		enum import_kind kind = import_kind_of(reason[i].code);

		rows[kind] += reason[i].rows;
		different[kind]++;
	}
	out->count = 0;
	for (int kind = 0; kind < KINDS; kind++) {
		if (rows[kind] == 0)
			continue;
		out->at[out->count].kind = (enum import_kind)kind;
		out->at[out->count].rows = rows[kind];
		out->at[out->count++].reasons = different[kind];
	}
}

int64_t
import_left_out(const struct import_counts *counts)
{
	return counts->duplicate + counts->rejected + counts->suppressed;
}

const char *
import_repair_words(unsigned repair)
{
	switch (repair) {
	case IMPORT_REPAIR_WIDTH:
		return _("full-width to ASCII");
	case IMPORT_REPAIR_BLANK:
		return _("blanks taken off");
	case IMPORT_REPAIR_TAIL:
		return _("signs behind taken off");
	case IMPORT_REPAIR_MAILTO:
		return _("mailto: taken off");
	case IMPORT_REPAIR_NAME:
		return _("address out of Name <..>");
	case IMPORT_REPAIR_FIRST:
		return _("first of several");
	default:
		return _("misspelt domain");
	}
}
