/* What a file is.  The octets decide; the name must agree with them.  One table
 * says what may be sent: a refused file is one that starts something on the
 * reader's machine, or that no filter on the way can look into. */
#include "core/attach/sniff.h"

#include <stdio.h>

#include "core/attach/zip.h"
#include "core/base/charset.h"
#include "core/base/utf8.h"

#define OFFICE "application/vnd.openxmlformats-officedocument."
#define OPEN   "application/vnd.oasis.opendocument."

/* Everything a file can be; docs/attachments.md shows the same table. */
enum kind {
	PDF,
	PDF_LOCKED,
	PNG,
	JPEG,
	GIF,
	WEBP,
	TIFF,
	BMP,
	HEIF,
	SVG,
	HTML,
	DOCX,
	XLSX,
	PPTX,
	ODT,
	ODS,
	ODP,
	DOC,
	XLS,
	PPT,
	RTF,
	TEXT,
	CSV,
	CALENDAR,
	VCARD,
	JSON,
	XML,
	ZIP,
	GZIP,
	MEDIA,
	UNKNOWN,
	EMPTY,
	PROGRAM,
	SCRIPT,
	MACRO,
	ENCRYPTED,
	CLOSED,
	PACKED_PROGRAM,
	ACTIVE,
	DAMAGED,
	KINDS
};

static const struct rule {
	const char *word, *type;
	const char *extensions; /* blanks between and around */
	enum attach_verdict verdict;
	const char *why;
} rules[KINDS] = {
    [PDF] = {"pdf", "application/pdf", " pdf ", ATTACH_GOOD, ""},
    [PDF_LOCKED] = {"pdf", "application/pdf", " pdf ", ATTACH_WARN, "locked"},
    [PNG] = {"png", "image/png", " png ", ATTACH_GOOD, ""},
    [JPEG] = {"jpeg", "image/jpeg", " jpg jpeg ", ATTACH_GOOD, ""},
    [GIF] = {"gif", "image/gif", " gif ", ATTACH_GOOD, ""},
    [WEBP] = {"webp", "image/webp", " webp ", ATTACH_WARN, "rare"},
    [TIFF] = {"tiff", "image/tiff", " tif tiff ", ATTACH_WARN, "rare"},
    [BMP] = {"bmp", "image/bmp", " bmp ", ATTACH_WARN, "rare"},
    [HEIF] = {"heif", "image/heic", " heic heif avif ", ATTACH_WARN, "rare"},
    [SVG] = {"svg", "image/svg+xml", " svg ", ATTACH_WARN, "page"},
    [HTML] = {"html", "text/html", " html htm ", ATTACH_WARN, "page"},
    [DOCX] = {"docx", OFFICE "wordprocessingml.document", " docx ", ATTACH_GOOD,
	""},
    [XLSX] = {"xlsx", OFFICE "spreadsheetml.sheet", " xlsx ", ATTACH_GOOD, ""},
    [PPTX] = {"pptx", OFFICE "presentationml.presentation", " pptx ",
	ATTACH_GOOD, ""},
    [ODT] = {"odt", OPEN "text", " odt ", ATTACH_GOOD, ""},
    [ODS] = {"ods", OPEN "spreadsheet", " ods ", ATTACH_GOOD, ""},
    [ODP] = {"odp", OPEN "presentation", " odp ", ATTACH_GOOD, ""},
    [DOC] = {"doc", "application/msword", " doc ", ATTACH_WARN, "old"},
    [XLS] = {"xls", "application/vnd.ms-excel", " xls ", ATTACH_WARN, "old"},
    [PPT] = {"ppt", "application/vnd.ms-powerpoint", " ppt ", ATTACH_WARN,
	"old"},
    [RTF] = {"rtf", "application/rtf", " rtf doc ", ATTACH_WARN, "old"},
    [TEXT] = {"text", "text/plain", " txt text md log ", ATTACH_GOOD, ""},
    [CSV] = {"csv", "text/csv", " csv ", ATTACH_GOOD, ""},
    [CALENDAR] = {"calendar", "text/calendar", " ics ", ATTACH_GOOD, ""},
    [VCARD] = {"vcard", "text/vcard", " vcf ", ATTACH_GOOD, ""},
    [JSON] = {"json", "application/json", " json ", ATTACH_GOOD, ""},
    [XML] = {"xml", "application/xml", " xml ", ATTACH_GOOD, ""},
    [ZIP] = {"zip", "application/zip", " zip ", ATTACH_WARN, "archive"},
    [GZIP] = {"gzip", "application/gzip", " gz tgz ", ATTACH_WARN, "archive"},
    [MEDIA] = {"media", "application/octet-stream",
	" mp3 mp4 m4a m4v mov wav avi ogg ", ATTACH_WARN, "media"},
    [UNKNOWN] = {"unknown", "application/octet-stream", "", ATTACH_WARN,
	"unknown"},
    [EMPTY] = {"empty", "application/octet-stream", "", ATTACH_REFUSED,
	"empty"},
    [PROGRAM] = {"program", "application/octet-stream", "", ATTACH_REFUSED,
	"program"},
    [SCRIPT] = {"script", "application/octet-stream", "", ATTACH_REFUSED,
	"program"},
    [MACRO] = {"macro", "application/octet-stream", "", ATTACH_REFUSED,
	"macro"},
    [ENCRYPTED] = {"encrypted", "application/octet-stream", "", ATTACH_REFUSED,
	"encrypted"},
    [CLOSED] = {"closed", "application/octet-stream", "", ATTACH_REFUSED,
	"closed"},
    [PACKED_PROGRAM] = {"zip", "application/zip", "", ATTACH_REFUSED, "packed"},
    [ACTIVE] = {"active", "application/octet-stream", "", ATTACH_REFUSED,
	"active"},
    [DAMAGED] = {"damaged", "application/octet-stream", "", ATTACH_REFUSED,
	"damaged"},
};

/* What Windows, macOS or a mail program starts by its name. */
static const char programs[] =
    " exe com scr pif bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta msi msp msc"
    " jar lnk url scf reg inf cpl dll sys ocx chm hlp desktop sh bash csh"
    " command py pyc pl rb php apk app dmg pkg iso img vhd vhdx xll one"
    " application gadget appref-ms settingcontent-ms library-ms search-ms"
    " msix appx deb rpm ";
static const char macros[] =
    " docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm ";
static const char archives[] =
    " zip 7z rar lzh lha tar gz tgz bz2 xz zst cab arj ace ";

/* ---- Names --------------------------------------------------------------- */

/* What stands behind the last dot; empty when nothing does. */
static struct span
extension_of(struct span name)
{
	for (size_t i = name.len; i-- > 0;) {
		if (name.ptr[i] == '/')
			break;
		if (name.ptr[i] == '.')
			return span_slice(name, i + 1, name.len);
	}
	return span_make(NULL, 0);
}

/* True when word stands in a list with blanks between and around. */
static bool
is_listed(const char *list, struct span word)
{
	struct span rest = span_of(list);

	while (rest.len > 0) {
		struct span one = span_cut(&rest, ' ');

		if (one.len > 0 && span_equal_nocase(one, word))
			return true;
	}
	return false;
}

bool
sniff_is_program_name(struct span name)
{
	struct span extension = extension_of(name);

	return is_listed(programs, extension) || is_listed(macros, extension);
}

bool
sniff_is_archive_name(struct span name)
{
	return is_listed(archives, extension_of(name));
}

/* Characters that show a name in another order than it has. */
static bool
turns_direction(uint32_t cp)
{
	return cp == 0x061c || cp == 0x200e || cp == 0x200f ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

const char *
sniff_name_fault(struct span name)
{
	struct span rest = name;
	uint32_t cp;

	if (name.len == 0)
		return "empty";
	if (name.len > ATTACH_NAME_MAX)
		return "length";
	if (!utf8_is_valid(name))
		return "utf8";
	while (utf8_next(&rest, &cp) != UTF8_END) {
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
		    cp == 0x2029)
			return "control";
		if (cp == '/' || cp == '\\')
			return "slash";
		if (turns_direction(cp))
			return "direction";
	}
	if (name.ptr[0] == '.' || name.ptr[name.len - 1] == '.' ||
	    name.ptr[0] == ' ' || name.ptr[name.len - 1] == ' ')
		return "dots";
	return NULL;
}

/* ---- Octets -------------------------------------------------------------- */

static bool
holds(struct span bytes, struct span part)
{
	return span_search(bytes, part) < bytes.len;
}

/* True when part (lower case) occurs in any case. */
static bool
holds_nocase(struct span bytes, struct span part)
{
	for (size_t i = 0; i + part.len <= bytes.len; i++) {
		if ((bytes.ptr[i] | 0x20) != (part.ptr[0] | 0x20))
			continue;
		if (span_equal_nocase(span_slice(bytes, i, i + part.len), part))
			return true;
	}
	return false;
}

/* The beginnings that tell a file at once; at: octets before it. */
static const struct magic {
	struct span bytes;
	size_t at;
	enum kind kind;
} magics[] = {
    {SPAN("\x89PNG\r\n\x1a\n"), 0, PNG},
    {SPAN("\xff\xd8\xff"), 0, JPEG},
    {SPAN("GIF87a"), 0, GIF},
    {SPAN("GIF89a"), 0, GIF},
    {SPAN("WEBP"), 8, WEBP},
    {SPAN("II*\0"), 0, TIFF},
    {SPAN("MM\0*"), 0, TIFF},
    {SPAN("ftypheic"), 4, HEIF},
    {SPAN("ftypheix"), 4, HEIF},
    {SPAN("ftypmif1"), 4, HEIF},
    {SPAN("ftypavif"), 4, HEIF},
    {SPAN("ftyp"), 4, MEDIA},
    {SPAN("ID3"), 0, MEDIA},
    {SPAN("OggS"), 0, MEDIA},
    {SPAN("WAVE"), 8, MEDIA},
    {SPAN("AVI "), 8, MEDIA},
    {SPAN("{\\rtf"), 0, RTF},
    {SPAN("\x1f\x8b"), 0, GZIP},
    {SPAN("MZ"), 0, PROGRAM},
    {SPAN("\x7f\x45LF"), 0, PROGRAM},
    {SPAN("\xca\xfe\xba\xbe"), 0, PROGRAM},
    {SPAN("\xfe\xed\xfa"), 0, PROGRAM},
    {SPAN("\xcf\xfa\xed\xfe"), 0, PROGRAM},
    {SPAN("\xce\xfa\xed\xfe"), 0, PROGRAM},
    {SPAN("\0asm"), 0, PROGRAM},
    {SPAN("L\0\0\0\1\x14\2\0"), 0, PROGRAM}, /* a shortcut of Windows */
    {SPAN("#!"), 0, SCRIPT},
    {SPAN("7z\xbc\xaf\x27\x1c"), 0, CLOSED},
    {SPAN("Rar!\x1a\7"), 0, CLOSED},
    {SPAN("-lh"), 2, CLOSED},
    {SPAN("MSCF"), 0, CLOSED},
    {SPAN("BZh"), 0, CLOSED},
    {SPAN("\xfd\x37zXZ"), 0, CLOSED},
    {SPAN("ustar"), 257, CLOSED},
    {SPAN("CD001"), 32769, CLOSED},
    {SPAN("BM"), 0, BMP},
};

static enum kind
by_magic(struct span bytes)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		if (span_starts(span_slice(bytes, magics[i].at, bytes.len),
			magics[i].bytes))
			return magics[i].kind;
	}
	return UNKNOWN;
}

static enum kind
look_into_pdf(struct span bytes)
{
	if (holds(bytes, SPAN("/JavaScript")) || holds(bytes, SPAN("/Launch")))
		return ACTIVE;
	return holds(bytes, SPAN("/Encrypt")) ? PDF_LOCKED : PDF;
}

static enum kind
look_into_zip(struct span bytes)
{
	static const enum kind office[] = {
	    [ZIP_PLAIN] = ZIP,
	    [ZIP_DOCX] = DOCX,
	    [ZIP_XLSX] = XLSX,
	    [ZIP_PPTX] = PPTX,
	    [ZIP_ODT] = ODT,
	    [ZIP_ODS] = ODS,
	    [ZIP_ODP] = ODP,
	};
	struct zip_facts facts;

	if (!zip_look(bytes, &facts))
		return DAMAGED;
	if (facts.is_encrypted)
		return ENCRYPTED;
	if (facts.has_macro)
		return MACRO;
	if (facts.has_program)
		return PACKED_PROGRAM;
	/* what is in an archive in an archive cannot be seen */
	if (facts.form == ZIP_PLAIN && facts.has_archive)
		return CLOSED;
	return office[facts.form];
}

#define WIDE_2(a, b)             a "\0" b "\0"
#define WIDE_4(a, b, c, d)       WIDE_2(a, b) WIDE_2(c, d)
#define WIDE_6(a, b, c, d, e, f) WIDE_4(a, b, c, d) WIDE_2(e, f)

/* The compound files of old Office: their streams have names in UTF-16. */
static enum kind
look_into_compound(struct span bytes)
{
	static const struct {
		struct span name;
		enum kind kind;
	} streams[] = {
	    {SPAN(WIDE_6("E", "n", "c", "r", "y", "p")
		     WIDE_4("t", "e", "d", "P")),
		ENCRYPTED},
	    {SPAN(WIDE_6("_", "V", "B", "A", "_", "P")), MACRO},
	    {SPAN(WIDE_6("W", "o", "r", "d", "D", "o")), DOC},
	    {SPAN(WIDE_6("W", "o", "r", "k", "b", "o")), XLS},
	    {SPAN(WIDE_6("P", "o", "w", "e", "r", "P")), PPT},
	};

	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		if (holds(bytes, streams[i].name))
			return streams[i].kind;
	}
	/* an installer, or something that nobody expects in a mail */
	return CLOSED;
}

/* ---- Text ---------------------------------------------------------------- */

/* An attribute that runs something: on...= behind a blank. */
static bool
has_handler(struct span text)
{
	for (size_t i = 1; i + 3 < text.len; i++) {
		size_t at = i + 2;

		if ((text.ptr[i] | 0x20) != 'o' ||
		    (text.ptr[i + 1] | 0x20) != 'n' ||
		    !strchr(" \t\r\n\"'/", text.ptr[i - 1]))
			continue;
		while (at < text.len && at < i + 24 &&
		       (text.ptr[at] | 0x20) >= 'a' &&
		       (text.ptr[at] | 0x20) <= 'z')
			at++;
		if (at > i + 2 && at < text.len && text.ptr[at] == '=')
			return true;
	}
	return false;
}

static enum kind
look_into_page(struct span text, enum kind quiet)
{
	static const char *const active[] = {"<script", "<form", "<iframe",
	    "<object", "<embed", "<applet", "<foreignobject",
	    "javascript:", "http-equiv=\"refresh", "<base"};

	for (size_t i = 0; i < sizeof active / sizeof *active; i++) {
		if (holds_nocase(text, span_of(active[i])))
			return ACTIVE;
	}
	return has_handler(text) ? ACTIVE : quiet;
}

static bool
is_cp932(struct span bytes)
{
	struct decoder *decoder = NULL;
	struct buf out = BUF_INIT;
	bool is;

	is = decoder_new(CHARSET_CP932, &decoder, NULL) == 0 &&
	     decoder_feed(decoder, bytes, &out, NULL) == 0 &&
	     decoder_finish(decoder, NULL) == 0;
	decoder_free(&decoder);
	buf_done(&out);
	return is;
}

/* Charset of a text, "" for ASCII; NULL: it is no text. */
static const char *
charset_of(struct span bytes)
{
	bool high = false;

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.ptr[i];

		if ((c < 0x20 && !strchr("\t\n\r\f", c)) || c == 0 || c == 0x7f)
			return NULL;
		high |= c >= 0x80;
	}
	if (!high)
		return "";
	if (utf8_is_valid(bytes))
		return "UTF-8";
	return is_cp932(bytes) ? "Shift_JIS" : NULL;
}

static enum kind
by_text(struct span bytes, struct span extension)
{
	struct span head = bytes;
	static const enum kind named[] = {
	    CSV, CALENDAR, VCARD, JSON, XML, TEXT};

	if (span_starts(head, SPAN("\xef\xbb\xbf")))
		head = span_slice(head, 3, head.len);
	head = span_slice(span_trim(head), 0, 4096);
	if (holds_nocase(head, SPAN("<svg")))
		return look_into_page(bytes, SVG);
	if (holds_nocase(head, SPAN("<!doctype html")) ||
	    holds_nocase(head, SPAN("<html")) ||
	    holds_nocase(head, SPAN("<script")) ||
	    is_listed(rules[HTML].extensions, extension))
		return look_into_page(bytes, HTML);
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		if (is_listed(rules[named[i]].extensions, extension))
			return named[i];
	}
	return TEXT;
}

/* ---- Together ------------------------------------------------------------ */

static enum kind
by_bytes(struct span bytes, struct span extension, const char **charset)
{
	enum kind kind;

	*charset = "";
	if (bytes.len == 0)
		return EMPTY;
	if (span_search(span_slice(bytes, 0, 1024), SPAN("%PDF-")) <
	    span_slice(bytes, 0, 1024).len)
		return look_into_pdf(bytes);
	if (span_starts(bytes, SPAN("PK\3\4")) ||
	    span_starts(bytes, SPAN("PK\5\6")))
		return look_into_zip(bytes);
	if (span_starts(bytes, SPAN("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))
		return look_into_compound(bytes);
	kind = by_magic(bytes);
	if (kind != UNKNOWN && kind != BMP)
		return kind == RTF && holds(bytes, SPAN("\\obj")) ? ACTIVE
								  : kind;
	*charset = charset_of(bytes);
	if (*charset)
		return by_text(bytes, extension);
	*charset = "";
	return kind;
}

/* True when the extension belongs to another kind of file. */
static bool
is_of_another(struct span extension, enum kind kind)
{
	if (is_listed(rules[kind].extensions, extension))
		return false;
	for (int i = 0; i < KINDS; i++) {
		if (is_listed(rules[i].extensions, extension))
			return true;
	}
	return false;
}

void
sniff(struct span bytes, struct span name, struct attach_look *out)
{
	struct span extension = extension_of(name);
	const char *charset;
	enum kind kind = by_bytes(bytes, extension, &charset);
	const struct rule *rule = &rules[kind];

	if (rule->verdict != ATTACH_REFUSED && is_listed(programs, extension))
		rule = &rules[PROGRAM];
	if (rule->verdict != ATTACH_REFUSED && is_listed(macros, extension))
		rule = &rules[MACRO];
	*out = (struct attach_look){.kind = rule->word,
	    .verdict = rule->verdict,
	    .why = rule->why,
	    .is_image =
		kind == PNG || kind == JPEG || kind == GIF || kind == WEBP};
	snprintf(out->type, sizeof out->type, "%s%s%s", rule->type,
	    *charset ? "; charset=" : "", charset);
	if (rule->verdict == ATTACH_REFUSED)
		return;
	if (is_of_another(extension, kind)) {
		out->verdict = ATTACH_REFUSED;
		out->why = "name";
	} else if (rule->verdict == ATTACH_GOOD &&
		   !is_listed(rule->extensions, extension)) {
		out->verdict = ATTACH_WARN;
		out->why = "extension";
	}
}

void
attach_look(struct span bytes, struct span name, struct attach_look *out)
{
	sniff(bytes, name, out);
}
