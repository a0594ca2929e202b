/* The central directory of a ZIP archive, walked within its own limits.  What
 * cannot be walked from the first entry to the last is not believed at all. */
#include "core/attach/zip.h"

#include "core/attach/sniff.h"

enum {
	END_LEN = 22,
	END_SCAN = END_LEN + 65535, /* the comment behind it */
	ENTRY_LEN = 46,
	LOCAL_LEN = 30,
	NAME_MAX_OCTETS = 4096
};

static unsigned
u16(struct span bytes, size_t at)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr + at;

	return (unsigned)(p[0] | p[1] << 8);
}

static uint32_t
u32(struct span bytes, size_t at)
{
	return (uint32_t)u16(bytes, at) | (uint32_t)u16(bytes, at + 2) << 16;
}

/* Offset of the end record, or bytes.len. */
static size_t
find_end(struct span bytes)
{
	size_t least = bytes.len > END_SCAN ? bytes.len - END_SCAN : 0;

	for (size_t at = bytes.len - END_LEN + 1; at-- > least;) {
		if (!memcmp(bytes.ptr + at, "PK\5\6", 4) &&
		    at + END_LEN + u16(bytes, at + 20) == bytes.len)
			return at;
	}
	return bytes.len;
}

static bool
starts_nocase(struct span name, struct span prefix)
{
	return name.len >= prefix.len &&
	       span_equal_nocase(span_slice(name, 0, prefix.len), prefix);
}

static bool
ends_nocase(struct span name, struct span suffix)
{
	return name.len >= suffix.len &&
	       span_equal_nocase(
		   span_slice(name, name.len - suffix.len, name.len), suffix);
}

static void
take_name(struct span name, struct zip_facts *out)
{
	static const struct {
		const char *name;
		enum zip_form form;
	} office[] = {
	    {"word/document.xml", ZIP_DOCX},
	    {"xl/workbook.xml", ZIP_XLSX},
	    {"ppt/presentation.xml", ZIP_PPTX},
	};

	for (size_t i = 0; i < sizeof office / sizeof *office; i++) {
		if (span_equal_nocase(name, span_of(office[i].name)))
			out->form = office[i].form;
	}
	if (ends_nocase(name, SPAN("vbaProject.bin")) ||
	    starts_nocase(name, SPAN("xl/macrosheets/")))
		out->has_macro = true;
	if (span_starts(name, SPAN("Basic/")) ||
	    span_starts(name, SPAN("Scripts/")))
		out->has_basic = true;
	if (sniff_is_program_name(name) ||
	    span_equal_nocase(name, SPAN("META-INF/MANIFEST.MF")))
		out->has_program = true;
	if (sniff_is_archive_name(name))
		out->has_archive = true;
}

/* One entry of the directory off *rest; false when it does not hold. */
static bool
take_entry(struct span *rest, struct zip_facts *out)
{
	enum { ENCRYPTED = 1, STRONG = 1 << 6, MASKED = 1 << 13, AES = 99 };
	size_t name, len;

	if (rest->len < ENTRY_LEN || memcmp(rest->ptr, "PK\1\2", 4) != 0)
		return false;
	name = u16(*rest, 28);
	len = ENTRY_LEN + name + u16(*rest, 30) + u16(*rest, 32);
	if (len > rest->len || name > NAME_MAX_OCTETS)
		return false;
	if ((u16(*rest, 8) & (ENCRYPTED | STRONG | MASKED)) != 0 ||
	    u16(*rest, 10) == AES)
		out->is_encrypted = true;
	take_name(span_slice(*rest, ENTRY_LEN, ENTRY_LEN + name), out);
	*rest = span_slice(*rest, len, rest->len);
	return true;
}

/* OpenDocument: the first entry is "mimetype", stored as it is. */
static void
look_for_open_document(struct span bytes, struct zip_facts *out)
{
	static const struct {
		const char *type;
		enum zip_form form;
	} types[] = {
	    {"application/vnd.oasis.opendocument.text", ZIP_ODT},
	    {"application/vnd.oasis.opendocument.spreadsheet", ZIP_ODS},
	    {"application/vnd.oasis.opendocument.presentation", ZIP_ODP},
	};
	struct span name = SPAN("mimetype"), type;
	size_t at = LOCAL_LEN + name.len;

	if (bytes.len < at || u16(bytes, 26) != name.len ||
	    !span_equal(span_slice(bytes, LOCAL_LEN, at), name))
		return;
	at += u16(bytes, 28);
	type = span_slice(bytes, at, at + u32(bytes, 22));
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (span_equal(type, span_of(types[i].type)))
			out->form = types[i].form;
	}
}

bool
zip_look(struct span bytes, struct zip_facts *out)
{
	struct zip_facts facts = {.form = ZIP_PLAIN};
	struct span directory;
	size_t end, from, len;

	if (bytes.len < END_LEN || memcmp(bytes.ptr, "PK", 2) != 0)
		return false;
	end = find_end(bytes);
	if (end == bytes.len)
		return false;
	facts.entries = u16(bytes, end + 10);
	len = u32(bytes, end + 12);
	from = u32(bytes, end + 16);
	if (facts.entries == 0 || facts.entries >= ZIP_ENTRIES_MAX ||
	    len > end || from != end - len)
		return false;
	directory = span_slice(bytes, from, end);
	for (size_t i = 0; i < facts.entries; i++) {
		if (!take_entry(&directory, &facts))
			return false;
	}
	if (directory.len > 0)
		return false;
	if (facts.form == ZIP_PLAIN)
		look_for_open_document(bytes, &facts);
	if (facts.form >= ZIP_ODT && facts.has_basic)
		facts.has_macro = true;
	*out = facts;
	return true;
}
